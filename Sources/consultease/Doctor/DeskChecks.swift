// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Store

/// The desks: units that fell silent, people without one, messages that were refused.
struct DeskChecks {
    /// Nil where the database can't be read.
    let store: Store?
    let isServed: Bool

    private static let names = ["units", "people-without-unit", "refused-messages"]
    private static let day = Span.minutes(24 * 60)

    func run() async -> [Finding] {
        guard let store else { return Self.names.map { .skipped($0, "the database can't be read") } }
        do {
            let (units, people, refusals) = try await store.read { transaction in
                (
                    try UnitRepository(transaction).all(), try FacultyRepository(transaction).withoutUnit(),
                    try RefusalRepository(transaction).counts()
                )
            }
            let now = store.now
            return [
                self.units(units, at: now), without(people), refused(refusals.filter { $0.lastAt > now - Self.day }),
            ]
        } catch {
            return Self.names.map { .failed($0, "\(error)", fix: "see the checks of the database") }
        }
    }

    private static let listed = 10

    private static func list(_ items: [String]) -> String {
        items.prefix(listed).joined(separator: ", ") + (items.count > listed ? ", …" : "")
    }

    private func units(_ units: [UnitRepository.Stored], at now: Timestamp) -> Finding {
        guard isServed else { return .skipped("units", "nobody listens to them while the folder isn't served") }
        guard !units.isEmpty else { return .ok("units", "there are none yet") }
        // One that never spoke and stands on nobody's desk is a spare.
        let mute = units.filter { unit in
            switch UnitLiveness(unit.link, at: now) {
            case .live: false
            case .silent, .offline: true
            case .neverHeard: unit.faculty != nil
            }
        }
        guard !mute.isEmpty else { return .ok("units", "all \(units.count) are live") }
        let items = mute.map { unit in
            let heard = unit.link?.heardAt.map { ", heard \($0.iso8601)" } ?? ""
            return "\(unit.id) (\(UnitLiveness(unit.link, at: now).rawValue)\(heard))"
        }
        return .failed(
            "units", "\(mute.count) of \(units.count) can't be relied on: \(Self.list(items))",
            fix:
                "look at their power and network; one that never spoke needs its credential: consultease unit credential ID"
        )
    }

    private func without(_ people: [FacultyRepository.Holder]) -> Finding {
        guard !people.isEmpty else { return .ok("people-without-unit", "everybody has a unit") }
        // One more than is listed, so that the list says that it is cut.
        let names = people.prefix(Self.listed + 1).map(\.description)
        return .ok(
            "people-without-unit",
            "\(people.count) are shown as unknown, but for their override: \(Self.list(names))")
    }

    private func refused(_ counts: [RefusalRepository.Count]) -> Finding {
        guard !counts.isEmpty else { return .ok("refused-messages", "none within a day") }
        let items = counts.sorted { $0.count > $1.count }.map { count in
            "\(count.cause.reason) from \(count.cause.unit.isEmpty ? "no known unit" : count.cause.unit) (\(count.count) so far)"
        }
        return .ok("refused-messages", "within a day: \(Self.list(items))")
    }
}
