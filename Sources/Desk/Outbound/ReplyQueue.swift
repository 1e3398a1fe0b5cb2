// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import DequeModule
import Instrumentation
import Metrics
import Synchronization
import Wire

/// What a unit is still to be told, and the trace that its event belongs to; nil if nothing is traced.
struct OwedReply: Sendable {
    let reply: UnitReply
    let trace: ServiceContext?
}

/// Replies to units that wait to be sent: units take turns, and what one is told keeps its order. Bounded in replies,
/// each of which is small; a unit has its share. Beyond either the oldest reply of that unit is dropped and counted,
/// since a unit asks again after 10 s.
final class ReplyQueue: Sendable {
    private let state: Mutex<State>
    private static let dropped = Counter(label: "consultease.desk.replies.dropped")

    private struct State {
        var turns: ReplyTurns
        var takers: Deque<CheckedContinuation<OwedReply?, Never>> = []
        var isCancelled = false
    }

    init(limit: Int, share: Int = 64) {
        state = Mutex(State(turns: ReplyTurns(limit: limit, share: share)))
    }

    func append(_ reply: OwedReply) {
        let taker = state.withLock { state -> CheckedContinuation<OwedReply?, Never>? in
            if let taker = state.takers.popFirst() { return taker }
            if state.turns.append(reply) { Self.dropped.increment() }
            return nil
        }
        taker?.resume(returning: reply)
    }

    /// The next reply; nil once a waiting task was cancelled.
    func next() async -> OwedReply? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer = state.withLock { state -> OwedReply?? in
                    if state.isCancelled { return .some(nil) }
                    if let reply = state.turns.next() { return reply }
                    state.takers.append(continuation)
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            let takers = state.withLock { state in
                state.isCancelled = true
                defer { state.takers = [] }
                return state.takers
            }
            for taker in takers { taker.resume(returning: nil) }
        }
    }
}
