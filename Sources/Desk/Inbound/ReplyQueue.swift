// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import DequeModule
import Instrumentation
import Metrics
import Synchronization
import Wire

/// What a unit is still to be told, and the trace that its event belongs to; nil where nothing is traced.
struct OwedReply: Sendable {
    let reply: UnitReply
    let trace: ServiceContext?
}

/// Replies to units that wait to be sent. Bounded: when it is full the oldest is dropped and counted, since its unit asks
/// again after 10 s.
final class ReplyQueue: Sendable {
    private let limit: Int
    private let state = Mutex(State())
    private static let dropped = Counter(label: "consultease.desk.replies.dropped")

    private struct State {
        var waiting: Deque<OwedReply> = []
        var takers: Deque<CheckedContinuation<OwedReply?, Never>> = []
        var isCancelled = false
    }

    init(limit: Int) {
        self.limit = limit
    }

    func append(_ reply: OwedReply) {
        let taker = state.withLock { state -> CheckedContinuation<OwedReply?, Never>? in
            if let taker = state.takers.popFirst() { return taker }
            if state.waiting.count == limit {
                state.waiting.removeFirst()
                Self.dropped.increment()
            }
            state.waiting.append(reply)
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
                    if let reply = state.waiting.popFirst() { return reply }
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
