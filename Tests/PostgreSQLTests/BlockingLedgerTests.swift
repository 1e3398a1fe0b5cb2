// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Testing

@testable import PostgreSQL

@Suite("Blocking sessions are named, and ended after the configured time")
struct BlockingLedgerTests {
    private let start = ContinuousClock.now

    private func session(_ pid: Int64) -> BlockingSession {
        BlockingSession(pid: pid, user: "juan", application: "psql", address: nil, since: nil, age: nil)
    }

    private func ledger(end: Duration?) -> BlockingLedger {
        var limits = BlockingLedger.Limits()
        limits.end = end
        return BlockingLedger(limits: limits)
    }

    /// Returns the actions of each second in which the sessions of `found` block.
    private func run(
        _ ledger: inout BlockingLedger, seconds: Range<Int>, _ found: (Int) -> [Int64]
    ) -> [Int: [BlockingLedger.Action]] {
        var actions: [Int: [BlockingLedger.Action]] = [:]
        for second in seconds {
            let now = ledger.note(found(second).map(session), at: start.advanced(by: .seconds(second)))
            if !now.isEmpty { actions[second] = now }
        }
        return actions
    }

    @Test func aSessionIsNamedOnceThenOnceAMinuteAndItsEndIsTold() {
        var ledger = ledger(end: nil)
        let actions = run(&ledger, seconds: 0..<75) { $0 < 70 ? [7] : [] }
        #expect(
            actions == [
                5: [.say(session(7), for: .seconds(5))], 65: [.say(session(7), for: .seconds(65))],
                74: [.sayGone(session(7))],
            ])
        #expect(ledger.named(at: start.advanced(by: .seconds(75))).isEmpty)
    }

    @Test func aSessionThatBlocksForAMomentIsNotReported() {
        var ledger = ledger(end: .seconds(10))
        #expect(run(&ledger, seconds: 0..<30) { $0 < 3 ? [Int64($0)] : [] }.isEmpty)
    }

    /// The server's writers wait for three seconds, pause, and wait again: between two waits no session is seen to
    /// block.
    @Test func aPauseBetweenTwoWaitsIsNoEnd() {
        var ledger = ledger(end: .seconds(10))
        let actions = run(&ledger, seconds: 0..<13) { $0 % 4 == 0 ? [7] : [] }
        #expect(
            actions == [5: [.say(session(7), for: .seconds(5))], 12: [.end(session(7), for: .seconds(12))]])
        #expect(ledger.named(at: start.advanced(by: .seconds(12))).map(\.session) == [session(7)])
    }

    @Test func anUnendableSessionIsTriedAgainOnceAMinute() {
        var ledger = ledger(end: .seconds(10))
        let actions = run(&ledger, seconds: 0..<100) { _ in [7] }
        let ends = actions.filter { $0.value.contains { if case .end = $0 { true } else { false } } }.keys.sorted()
        #expect(ends == [10, 70])
    }
}
