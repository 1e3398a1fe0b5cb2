// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import NIOConcurrencyHelpers

/// The client's status, readable from any thread, and those who follow its states.
final class StatusBoard: Sendable {
    private struct State {
        var status: ClientStatus
        var followers: [AsyncStream<ConnectionState>.Continuation] = []
    }

    private let state: NIOLockedValueBox<State>
    private let now: @Sendable () -> Int64

    /// Milliseconds that a connection must last to end what came before it.
    private let stableAfter: Int64

    init(now: @escaping @Sendable () -> Int64, stableAfter: Duration) {
        self.now = now
        self.stableAfter = stableAfter.components.seconds * 1000
        state = NIOLockedValueBox(State(status: ClientStatus(state: .idle, since: now())))
    }

    var status: ClientStatus { state.withLockedValue { $0.status } }

    /// The state now, then each change. Bounded: one who is 16 changes behind misses the oldest.
    func follow() -> AsyncStream<ConnectionState> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: ConnectionState.self, bufferingPolicy: .bufferingNewest(16))
        state.withLockedValue { state in
            continuation.yield(state.status.state)
            if state.status.state == .stopped { return continuation.finish() }
            state.followers.append(continuation)
        }
        return stream
    }

    func enter(_ next: ConnectionState) {
        let time = now()
        state.withLockedValue { state in
            guard state.status.state != next else { return }
            state.status.noteOutage(before: next, at: time, stableAfter: stableAfter)
            state.status.state = next
            state.status.since = time
            if case .disconnected(let end) = next {
                state.status.lastEnd = end
                state.status.lastEndedAt = time
            }
            // Under the lock, so that all are told in the same order. Who has gone is found here and not by a
            // termination handler: cancelling holds the follower's task while it calls one, and a yield waits for that
            // task, so that a handler which takes this lock would wait for it for ever.
            state.followers.removeAll { follower in
                if case .terminated = follower.yield(next) { true } else { false }
            }
            guard next == .stopped else { return }
            for follower in state.followers { follower.finish() }
            state.followers = []
        }
    }

    func update(_ change: (inout ClientStatus) -> Void) {
        state.withLockedValue { change(&$0.status) }
    }
}

extension ClientStatus {
    /// An outage begins if there was none, or if a connection ends that had lasted: attempts don't begin it anew.
    fileprivate mutating func noteOutage(before next: ConnectionState, at time: Int64, stableAfter: Int64) {
        switch next {
        case .idle, .connected, .stopped: return
        case .connecting, .disconnected:
            var hasLasted = false
            if case .connected = state { hasLasted = time - since >= stableAfter }
            if hasLasted || downSince == nil { downSince = time }
        }
    }
}
