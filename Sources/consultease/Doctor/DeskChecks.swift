// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Store

/// Checks the desks: silent units, people without a unit, dropped and refused messages.
struct DeskChecks {
    /// Nil if the database can't be read.
    let store: Store?
    let isServed: Bool
    let time: LocalTime

    private static let names = ["units", "people-without-unit", "dropped-messages", "refused-messages"]
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
            let recent = refusals.filter { $0.lastAt > now - Self.day }
            let isDrop = { (count: RefusalRepository.Count) in
                count.cause.reason == RefusalRepository.Cause.droppedByBroker
            }
            return [
                self.units(units, at: now), without(people), queue(recent.first(where: isDrop)),
                refused(recent.filter { !isDrop($0) }),
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
        guard isServed else { return .skipped("units", "no server listens to them while the folder isn't served") }
        guard !units.isEmpty else { return .ok("units", "there are none yet") }
        let (spares, onDesks) = (units.filter { $0.faculty == nil }, units.filter { $0.faculty != nil })
        let mute = onDesks.filter { $0.liveness(at: now) != .live }
        guard !mute.isEmpty else {
            let words = onDesks.isEmpty ? "none is on a desk" : "all \(onDesks.count) on desks are live"
            return .ok("units", words + Self.words(of: spares, at: now))
        }
        let items = mute.map { unit in
            let heard = unit.link?.heardAt.map { ", heard \(time.text($0))" } ?? ""
            return "\(unit.id) (\(unit.liveness(at: now))\(heard))"
        }
        return .failed(
            "units", "\(mute.count) of \(onDesks.count) on desks can't be relied on: \(Self.list(items))",
            fix:
                "look at their power and network; one that never spoke needs its credential: consultease unit credential ID"
        )
    }

    /// Counts the spare units. They are assigned to no person, so none of their states is a failure.
    private static func words(of spares: [UnitRepository.Stored], at now: Timestamp) -> String {
        guard !spares.isEmpty else { return "" }
        let kinds = UnitLiveness.allCases.map { kind in (kind, spares.count { $0.liveness(at: now) == kind }) }
        let counts = kinds.filter { $0.1 > 0 }.map { "\($0.1) \($0.0)" }.joined(separator: ", ")
        return "; \(spares.count) \(spares.count == 1 ? "spare" : "spares"): \(counts)"
    }

    private func without(_ people: [FacultyRepository.Holder]) -> Finding {
        guard !people.isEmpty else { return .ok("people-without-unit", "everybody has a unit") }
        // One more than is listed, so that the list ends with "…" if it is cut.
        let names = people.prefix(Self.listed + 1).map(\.description)
        return .ok(
            "people-without-unit",
            "\(people.count) are shown as unknown, but for their override: \(Self.list(names))")
    }

    /// Checks whether the broker has dropped messages: it acknowledges and drops them if the server's queue is full.
    /// The server notices this by its own messages in that queue.
    private func queue(_ dropped: RefusalRepository.Count?) -> Finding {
        guard let dropped else { return .ok("dropped-messages", "nothing was dropped within a day") }
        return .failed(
            "dropped-messages",
            "the broker dropped messages that it had acknowledged, last at \(dropped.lastAt.iso8601): the server's queue was full",
            fix:
                "see which unit floods (refused-messages, /metrics), revoke its credential, and why the server read so slowly: its log"
        )
    }

    private func refused(_ counts: [RefusalRepository.Count]) -> Finding {
        guard !counts.isEmpty else { return .ok("refused-messages", "none within a day") }
        let items = counts.sorted { $0.count > $1.count }.map { count in
            "\(count.cause.reason) from \(count.cause.unit.isEmpty ? "no known unit" : count.cause.unit) (\(count.count) so far)"
        }
        return .ok("refused-messages", "within a day: \(Self.list(items))")
    }
}
