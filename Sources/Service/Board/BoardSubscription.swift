// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
import Synchronization

/// Keeps one screen's position in the changes. It coalesces: a slow screen gets the newest state, never a growing
/// queue.
///
/// One task or event loop uses it: it takes frames until there are none, and again when it is woken. Any task may call
/// `cancel()`.
package final class BoardSubscription: Sendable {
    /// The position of a subscriber.
    enum Start: Sendable, Hashable {
        case snapshot
        case after(RevisionTag)
        /// Another instance has shown a revision that this board doesn't have yet: the subscriber waits for it.
        case ahead(RevisionTag)
        case reset
    }

    /// The reason why a subscriber is woken.
    enum Signal: Sendable {
        case changed
        case beat
    }

    /// Called at least once after each beat and each change in the scope, on any thread. Must not block.
    private let wake: @Sendable () -> Void
    private weak let board: Board?
    private let key: Int
    /// The scope: one department, or nil for the whole board.
    let department: String?
    private let state: Mutex<State>

    private struct State {
        var start: Start
        /// True at first if the board is live, so that a new subscriber gets a beat at once.
        var beatIsDue: Bool
        /// For how many more beats a subscriber that is ahead of this board waits, before its revision counts as never
        /// made.
        var aheadTimeoutInBeats = 2
    }

    init(
        board: Board, key: Int, department: String?, start: Start, isLive: Bool, wake: @escaping @Sendable () -> Void
    ) {
        self.board = board
        self.key = key
        self.department = department
        self.wake = wake
        state = Mutex(State(start: start, beatIsDue: isLive))
    }

    func signal(_ signal: Signal) {
        if case .beat = signal {
            state.withLock { state in
                state.beatIsDue = true
                if state.aheadTimeoutInBeats > 0 { state.aheadTimeoutInBeats -= 1 }
            }
        }
        wake()
    }

    /// Returns the next frame to write; nil if the subscriber has everything.
    package func nextFrame() -> BoardFrame? {
        guard let board else { return nil }
        let (start, beatsToWait) = state.withLock { ($0.start, $0.aheadTimeoutInBeats) }
        let history = board.history
        let present = history.snapshot.tag
        let frame: BoardFrame?
        let next: Start
        switch start {
        case .snapshot:
            (frame, next) = (history.snapshotFrame(of: department), .after(present))
        case .ahead(let tag)
        where tag.lineage == present.lineage && tag.revision > present.revision && beatsToWait > 0:
            (frame, next) = (nil, start)
        case .after(let tag) where tag.lineage == present.lineage,
            .ahead(let tag) where tag.lineage == present.lineage && tag.revision <= present.revision:
            (frame, next) = (history.changeFrame(of: department, after: tag.revision), .after(present))
        case .after, .ahead, .reset:
            // Revision zero: a subscriber that is cut off before the snapshot has nothing of this lineage yet.
            let tag = RevisionTag(lineage: present.lineage, revision: .none)
            (frame, next) = (BoardFrame(kind: .reset, tag: tag, cards: [], removed: []), .snapshot)
        }
        state.withLock { $0.start = next }
        return frame
    }

    /// Returns the subscriber's revision, once per beat; nil if no beat is due or the board isn't live.
    package func takeBeat() -> RevisionTag? {
        // The flag first, since most calls find none and asking the board takes a lock that all streams share.
        guard state.withLock(\.beatIsDue), let board, board.staleAt == nil else { return nil }
        state.withLock { $0.beatIsDue = false }
        guard case .after(let tag) = state.withLock(\.start) else { return nil }
        return tag
    }

    /// Leaves the board, which then no longer wakes the subscriber.
    package func cancel() {
        board?.unsubscribe(key, department: department)
    }
}
