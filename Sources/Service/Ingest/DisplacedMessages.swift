// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Logging
import Metrics
import Synchronization

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

/// Messages of QoS 0 that will not be read, since others of their lane took their place: each is settled as displaced
/// and counted, and the next transaction records it. Any thread; a short lock.
final class DisplacedMessages: Sendable {
    private struct State: Sendable {
        /// The counts that are still to be recorded.
        var counts = DisplacedCounts()
        /// For lines about units that say more than their share: one in each minute.
        var lines = LineBudget(1)
    }

    private let logger: Logger
    private let now: @Sendable () -> Timestamp
    private let state = Mutex(State())

    init(logger: Logger, now: @escaping @Sendable () -> Timestamp) {
        self.logger = logger
        self.now = now
    }

    /// Settles messages of one lane as displaced, counts them, and tells of them in the log.
    func displace(_ arrivals: some Collection<Arrival>, _ reason: IngestMetrics.Displacement) {
        guard let lane = arrivals.first?.lane else { return }
        let now = now()
        let withheld = state.withLock { state in
            for arrival in arrivals { state.counts.add(arrival.lane.unit) }
            return state.lines.take(at: now)
        }
        IngestMetrics.count(reason, arrivals.count)
        for arrival in arrivals { arrival.settle(.displaced) }
        guard let withheld else { return }
        logger.warning(
            "A unit says more at QoS 0 than its share of the queue: its own messages are displaced",
            metadata: ["unit": "\(lane.unit.map { "\($0)" } ?? "-")", "withheld": "\(withheld)"])
    }

    /// Takes what is to be recorded with the next transaction; `restore` gives it back if that fails.
    func takeCounts() -> DisplacedCounts {
        state.withLock { state in
            defer { state.counts = DisplacedCounts() }
            return state.counts
        }
    }

    func restore(_ counts: DisplacedCounts) {
        state.withLock { $0.counts.add(counts) }
    }

    /// Tells of counts that the database doesn't take, and that are recorded nowhere.
    func giveUp(_ counts: DisplacedCounts) {
        let count = counts.counts.values.reduce(0, +)
        IngestMetrics.unrecorded.increment(by: count)
        logger.critical(
            "Displaced messages could not be recorded: look at the table refusal", metadata: ["messages": "\(count)"])
    }
}
