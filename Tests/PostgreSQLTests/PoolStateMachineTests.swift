// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import SQL
import Testing

@testable import PostgreSQL

@Suite("PostgreSQL: assignment of connections")
struct PoolStateMachineTests {
    private let start = ContinuousClock.now

    private func seconds(_ count: Int) -> ContinuousClock.Instant { start.advanced(by: .seconds(count)) }

    private func machine() -> PoolStateMachine<String, Int> {
        PoolStateMachine(limit: 1, queueLimit: 2, queueTimeout: .seconds(5))
    }

    @Test func callersAreServedInTurn() {
        var machine = machine()
        guard case .start = machine.submit(1, now: start) else { return #expect(Bool(false)) }
        guard case .wait(let expiry) = machine.submit(2, now: start) else { return #expect(Bool(false)) }
        #expect(expiry == seconds(5))
        // One timer is enough: the first job expires first.
        guard case .wait(nil) = machine.submit(3, now: seconds(1)) else { return #expect(Bool(false)) }
        guard case .refuse(let error) = machine.submit(4, now: seconds(1)) else { return #expect(Bool(false)) }
        #expect(error.code == .busy)
        guard case .take(2) = machine.finish("a") else { return #expect(Bool(false)) }
        guard case .take(3) = machine.finish("a") else { return #expect(Bool(false)) }
        guard case .rest = machine.finish("a") else { return #expect(Bool(false)) }
        guard case .handOver("a") = machine.submit(5, now: seconds(2)) else { return #expect(Bool(false)) }
    }

    @Test func aJobThatWaitsTooLongIsRefusedAtItsTime() {
        var machine = machine()
        _ = machine.submit(1, now: start)
        _ = machine.submit(2, now: start)
        _ = machine.submit(3, now: seconds(1))
        let first = machine.expire(now: seconds(5))
        #expect(first.jobs == [2])
        #expect(first.next == seconds(6))
        let second = machine.expire(now: seconds(6))
        #expect(second.jobs == [3])
        #expect(second.next == nil)
        guard case .wait(let expiry) = machine.submit(4, now: seconds(7)) else { return #expect(Bool(false)) }
        #expect(expiry == seconds(12))
    }

    @Test func afterTheEndNoCallerIsServed() {
        var machine = PoolStateMachine<String, Int>(limit: 2, queueLimit: 2, queueTimeout: .seconds(5))
        _ = machine.submit(1, now: start)
        _ = machine.submit(2, now: start)
        _ = machine.submit(3, now: start)
        guard case .take(3) = machine.finish("a") else { return #expect(Bool(false)) }
        guard case .rest = machine.finish("b") else { return #expect(Bool(false)) }
        let closed = machine.close()
        #expect(closed.idle == ["b"])
        #expect(closed.abandoned.isEmpty)
        guard case .end = machine.finish("a") else { return #expect(Bool(false)) }
        guard case .refuse = machine.submit(4, now: start) else { return #expect(Bool(false)) }
    }

    @Test func theStatementsUsedLastStayPrepared() {
        var prepared = PreparedStatements(limit: 2)
        let (a, b, c) = (
            PreparedStatements.Key(text: "a", types: []), PreparedStatements.Key(text: "b", types: []),
            PreparedStatements.Key(text: "a", types: [20])
        )
        #expect(prepared.look(up: a) == .new(name: "ce_1", evicted: nil))
        #expect(prepared.look(up: b) == .new(name: "ce_2", evicted: nil))
        #expect(prepared.look(up: a) == .known(name: "ce_1"))
        #expect(prepared.look(up: c) == .new(name: "ce_4", evicted: "ce_2"))
        prepared.forget(c)
        #expect(prepared.look(up: c) == .new(name: "ce_5", evicted: nil))
        prepared.forgetAll()
        #expect(prepared.look(up: a) == .new(name: "ce_6", evicted: nil))
    }
}
