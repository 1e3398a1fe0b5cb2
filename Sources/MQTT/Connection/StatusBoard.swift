// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import NIOConcurrencyHelpers

/// The client's status, readable from any thread, and those who follow its states.
final class StatusBoard: Sendable {
    private struct State {
        var status: ClientStatus
        var followers: [Int: AsyncStream<ConnectionState>.Continuation] = [:]
        var nextFollower = 0
    }

    private let state: NIOLockedValueBox<State>
    private let now: @Sendable () -> Int64

    init(now: @escaping @Sendable () -> Int64) {
        self.now = now
        state = NIOLockedValueBox(State(status: ClientStatus(state: .idle, since: now())))
    }

    var status: ClientStatus { state.withLockedValue { $0.status } }

    /// The state now, then each change. Bounded: one who is 16 changes behind misses the oldest.
    func follow() -> AsyncStream<ConnectionState> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: ConnectionState.self, bufferingPolicy: .bufferingNewest(16))
        let number = state.withLockedValue { state in
            let number = state.nextFollower
            state.nextFollower += 1
            state.followers[number] = continuation
            continuation.yield(state.status.state)
            if state.status.state == .stopped { continuation.finish() }
            return number
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLockedValue { _ = $0.followers.removeValue(forKey: number) }
        }
        return stream
    }

    func enter(_ next: ConnectionState) {
        let time = now()
        state.withLockedValue { state in
            guard state.status.state != next else { return }
            state.status.state = next
            state.status.since = time
            if case .disconnected(let end) = next {
                state.status.lastEnd = end
                state.status.lastEndedAt = time
            }
            for follower in state.followers.values {
                follower.yield(next)
                if next == .stopped { follower.finish() }
            }
        }
    }

    func update(_ change: (inout ClientStatus) -> Void) {
        state.withLockedValue { change(&$0.status) }
    }
}
