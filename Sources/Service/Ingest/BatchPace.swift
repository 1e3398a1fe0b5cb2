// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Concurrency
import SQL
import Synchronization

/// How many messages go into one transaction: half as many after each that failed, more again as they succeed.
///
/// Outlives a term: a batch that took longer than the leader may be silent costs the term, and the next leader is given
/// the same messages again. It begins with fewer, so that each attempt gets nearer to one that succeeds. Any thread; a
/// short lock.
package final class BatchPace: Sendable {
    /// So many messages a batch takes at most.
    package let most: Int
    private let state: Mutex<State>

    private struct State {
        var size: Int
        /// So many were too many. Forgotten if it was not their number.
        var wall: Int?
        /// Batches of full size that succeeded since.
        var successes = 0
    }

    /// So many full batches later a wall may have moved.
    private static let successesBeforeRetry = 256
    /// The first batch of a term, before anything is known of how the database is.
    private static let first = 64

    package init(most: Int = 512) {
        precondition(most > 0, "a batch takes a message")
        self.most = most
        state = Mutex(State(size: most))
    }

    /// How many messages the next transaction may take.
    package var size: Int { state.withLock(\.size) }

    /// A term begins, with what the last one left behind.
    package func beginTerm() {
        state.withLock { $0.size = min($0.size, Self.first) }
    }

    /// A transaction of so many messages is durable.
    func succeeded(_ count: Int) {
        state.withLock { state in
            if let wall = state.wall, count >= wall { state.wall = nil }
            guard count >= state.size else { return }
            state.successes += 1
            if state.successes >= Self.successesBeforeRetry {
                state.successes = 0
                state.wall = state.wall.map { $0 * 2 }
            }
            let doubled = min(most, state.size * 2)
            state.size = state.wall.map { min(doubled, max(state.size, (state.size + $0) / 2)) } ?? doubled
        }
    }

    /// A transaction of so many messages failed.
    ///
    /// - Parameter isOfSize: whether fewer may succeed, for they take less time; false if one of them is at fault.
    func failed(_ count: Int, isOfSize: Bool) {
        state.withLock { state in
            state.size = min(state.size, max(1, count / 2))
            state.successes = 0
            // One alone fails for another reason than its number.
            if count == 1 { state.wall = nil } else if isOfSize { state.wall = min(state.wall ?? count, count) }
        }
    }
}

/// Waits before the database is tried again: up to 40 ms at first, then twice as long each time, up to a second.
package struct CommitBackoff: Sendable {
    private let clock: any Clock<Duration>
    private let jitter: @Sendable (ClosedRange<Int>) -> Int
    private let backoff = Backoff(first: .milliseconds(20), cap: .seconds(1))

    package init(
        clock: any Clock<Duration> = ContinuousClock(),
        jitter: @escaping @Sendable (ClosedRange<Int>) -> Int = { Int.random(in: $0) }
    ) {
        self.clock = clock
        self.jitter = jitter
    }

    /// Waits before attempt `attempt` + 1; returns early if the task is cancelled.
    func pause(_ attempt: Int) async {
        let longest = Int(backoff.ceiling(after: attempt) / .milliseconds(1))
        try? await clock.sleep(for: .milliseconds(jitter(1...longest)))
    }
}

extension Error {
    /// Whether the database and not the data is at fault: then the same transaction may succeed later.
    var isOfDatabase: Bool { (self as? SQLError)?.isTransient ?? false }
}
