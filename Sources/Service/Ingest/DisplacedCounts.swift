// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain

/// Messages that were displaced and are still to be recorded, by unit. Pure; bounded: units beyond the first 256 are
/// counted together with those that name none.
struct DisplacedCounts: Sendable, Hashable {
    private(set) var counts: [UnitID?: Int64] = [:]
    private static let mostUnits = 256

    var isEmpty: Bool { counts.isEmpty }
    var units: Set<UnitID> { Set(counts.keys.compactMap { $0 }) }

    mutating func add(_ unit: UnitID?, _ count: Int64 = 1) {
        let isKnown = counts[unit] != nil || counts.count < Self.mostUnits
        counts[isKnown ? unit : nil, default: 0] += count
    }

    mutating func add(_ others: DisplacedCounts) {
        for (unit, count) in others.counts { add(unit, count) }
    }
}
