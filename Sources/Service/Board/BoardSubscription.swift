// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
import Synchronization

/// One screen's place in the stream of changes: bounded, and coalescing, so that a slow screen gets the newest state and
/// never a growing queue.
///
/// Used by one task: wait for a signal, then take frames until there are none. `cancel()` may be called from anywhere.
package final class BoardSubscription: Sendable {
    /// Where a subscriber begins.
    enum Start: Sendable, Hashable {
        case snapshot
        case after(RevisionTag)
        /// Another instance has shown a revision that this board doesn't have yet: nothing is shown until it does.
        case ahead(RevisionTag)
        case reset
    }

    /// Why a subscriber is woken.
    enum Signal: Sendable {
        case changed
        case beat
    }

    /// Wakes the subscriber: at least once after each change and beat. Holds one signal at most; ends with `cancel()`.
    package let signals: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation
    private weak let board: Board?
    private let key: Int
    private let department: String?
    private let state: Mutex<State>

    private struct State {
        var start: Start
        /// True at first where the board is live: who has just come knows it at once.
        var beatIsDue: Bool
        /// How many more beats a revision that this board doesn't have is waited for: then it never was.
        var patience = 2
    }

    init(board: Board, key: Int, department: String?, start: Start, isLive: Bool) {
        self.board = board
        self.key = key
        self.department = department
        state = Mutex(State(start: start, beatIsDue: isLive))
        (signals, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        continuation.yield()
    }

    func signal(_ signal: Signal) {
        if case .beat = signal {
            state.withLock { state in
                state.beatIsDue = true
                if state.patience > 0 { state.patience -= 1 }
            }
        }
        continuation.yield()
    }

    /// The next frame to write, or nil where the subscriber has everything.
    package func nextFrame() -> BoardFrame? {
        guard let board else { return nil }
        let (start, patience) = state.withLock { ($0.start, $0.patience) }
        let history = board.history
        let present = history.snapshot
        let frame: BoardFrame?
        let next: Start
        switch start {
        case .snapshot:
            (frame, next) = (history.snapshotFrame(of: department), .after(present.tag))
        case .ahead(let tag)
        where tag.lineage == present.lineage && tag.revision > present.revision && patience > 0:
            (frame, next) = (nil, start)
        case .after(let tag) where tag.lineage == present.lineage,
            .ahead(let tag) where tag.lineage == present.lineage && tag.revision <= present.revision:
            (frame, next) = (history.changeFrame(of: department, after: tag.revision), .after(present.tag))
        case .after, .ahead, .reset:
            // Nothing of this lineage is shown yet: who is cut off before the snapshot comes resumes from zero.
            let tag = RevisionTag(lineage: present.lineage, revision: .none)
            (frame, next) = (BoardFrame(kind: .reset, tag: tag, cards: [], removed: []), .snapshot)
        }
        state.withLock { $0.start = next }
        return frame
    }

    /// The revision that the subscriber has, once per beat; nil where no beat is due, or the board is no longer live.
    package func takeBeat() -> RevisionTag? {
        guard let board, board.staleAt == nil,
            state.withLock({ state in
                defer { state.beatIsDue = false }
                return state.beatIsDue
            })
        else { return nil }
        guard case .after(let tag) = state.withLock(\.start) else { return nil }
        return tag
    }

    /// Ends `signals` and leaves the board.
    package func cancel() {
        board?.unsubscribe(key)
        continuation.finish()
    }
}
