// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import NIOConcurrencyHelpers

/// Holds the client's status, which any thread may read, and the streams that follow its states.
final class StatusBoard: Sendable {
    private struct State {
        var status: ClientStatus
        var followers: [AsyncStream<ConnectionState>.Continuation] = []
    }

    private let state: NIOLockedValueBox<State>
    private let now: @Sendable () -> Int64

    /// A connection must last this many milliseconds to end the outage before it.
    private let stableAfter: Int64

    init(now: @escaping @Sendable () -> Int64, stableAfter: Duration) {
        self.now = now
        self.stableAfter = stableAfter.components.seconds * 1000
        state = NIOLockedValueBox(State(status: ClientStatus(state: .idle, since: now())))
    }

    var status: ClientStatus { state.withLockedValue { $0.status } }

    /// Yields the current state, then each change. Bounded: a reader that is 16 changes behind misses the oldest.
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
            // The lock makes all followers see the same order. A failing yield reveals that a follower has gone. A
            // termination handler can't do it: cancellation holds the follower's task while it calls the handler, and a
            // yield waits for that task, so a handler that takes this lock would deadlock.
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
    /// An outage begins if there was none, or if a connection that had lasted ends. Further attempts don't restart it.
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
