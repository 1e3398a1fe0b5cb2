// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import DequeModule
import Metrics
import Synchronization
import Wire

/// Replies to units that wait to be sent. Bounded: when it is full the oldest is dropped and counted, since its unit asks
/// again after 10 s.
final class ReplyQueue: Sendable {
    private let limit: Int
    private let state = Mutex(State())
    private static let dropped = Counter(label: "consultease.desk.replies.dropped")

    private struct State {
        var waiting: Deque<UnitReply> = []
        var takers: Deque<CheckedContinuation<UnitReply?, Never>> = []
        var isCancelled = false
    }

    init(limit: Int) {
        self.limit = limit
    }

    func append(_ reply: UnitReply) {
        let taker = state.withLock { state -> CheckedContinuation<UnitReply?, Never>? in
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
    func next() async -> UnitReply? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer = state.withLock { state -> UnitReply?? in
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
