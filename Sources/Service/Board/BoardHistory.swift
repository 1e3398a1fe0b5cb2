// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import DequeModule
import Domain
import HashTreeCollections

/// The present snapshot and the ids that the last publications touched, so that a frame costs as much as what changed.
///
/// Immutable, so making a frame of it needs no lock. A class, since each stream takes a reference at each frame.
final class BoardHistory: Sendable {
    let snapshot: BoardSnapshot
    /// The newest publications, oldest first, at most `largestCount`, and not much more than the cards that they
    /// touched.
    private let steps: Deque<BoardStep>
    private let touchedCount: Int
    private let frames = FrameMemo()

    static let largestCount = 4096
    /// A change of at most this many cards is never replaced by the whole scope.
    private static let smallChange = 64

    convenience init(_ snapshot: BoardSnapshot) {
        self.init(snapshot, steps: [], touchedCount: 0)
    }

    private init(_ snapshot: BoardSnapshot, steps: Deque<BoardStep>, touchedCount: Int) {
        self.snapshot = snapshot
        self.steps = steps
        self.touchedCount = touchedCount
    }

    /// The history with `next` as the present snapshot. `touched` are the cards in which it differs.
    func publishing(_ next: BoardSnapshot, touched: [FacultyID]) -> BoardHistory {
        var steps = steps
        var count = touchedCount + touched.count
        steps.append(BoardStep(from: snapshot, to: next, touched: touched))
        let largest = max(65_536, next.cards.count * 2)
        while steps.count > Self.largestCount || count > largest, let oldest = steps.popFirst() {
            count -= oldest.touched.count
        }
        return BoardHistory(next, steps: steps, touchedCount: count)
    }

    /// The last publication; nil if there was none in this lineage.
    var newest: BoardStep? { steps.last }

    /// The whole board of a scope.
    func snapshotFrame(of department: String?) -> BoardFrame {
        let make = { [self] in
            BoardFrame(kind: .snapshot, tag: snapshot.tag, cards: snapshot.cards(of: department), removed: [])
        }
        // Clients choose the department: frames of one without people aren't kept.
        guard snapshot.order.has(department) else { return make() }
        return frames.frame(for: FrameMemo.Key(department: department, steps: nil), make: make) ?? make()
    }

    /// Returns the changes in a scope since `revision`; nil if there are none. If they are most of the scope, or
    /// `revision` is older than the history, it returns the whole scope.
    ///
    /// The frame may begin before `revision`, so that subscribers at nearby revisions share it. Its cards are always as
    /// they are now, so applying one twice does no harm.
    func changeFrame(of department: String?, after revision: Revision) -> BoardFrame? {
        guard revision < snapshot.revision else { return nil }
        guard let count = stepCount(after: revision) else { return snapshotFrame(of: department) }
        let make = { [self] in frame(of: change(in: department, steps: count), department) }
        guard snapshot.order.has(department) else { return make() }
        return frames.frame(for: FrameMemo.Key(department: department, steps: count), make: make)
    }

    /// How many publications a frame must cover to hold everything after `revision`, rounded up so that few different
    /// frames are made. Nil if `revision` is older than the history.
    private func stepCount(after revision: Revision) -> Int? {
        var (low, high) = (0, steps.count)
        while low < high {
            let middle = (low + high) / 2
            if steps[middle].from <= revision { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return nil }
        return min(Self.rounded(steps.count - low + 1), steps.count)
    }

    /// Rounds up to a number of four binary digits followed by zeros.
    static func rounded(_ count: Int) -> Int {
        let shift = max(0, Int.bitWidth - count.leadingZeroBitCount - 4)
        return ((count + (1 << shift) - 1) >> shift) << shift
    }

    private enum Change {
        case none
        case some(cards: [Card], removed: [FacultyID])
        case mostOfIt
    }

    private func change(in department: String?, steps count: Int) -> Change {
        let most = max(Self.smallChange, snapshot.order.people(of: department).count / 2)
        var touched: Set<FacultyID> = []
        for step in steps.suffix(count) {
            touched.formUnion(step.touched(in: department))
            if touched.count > most { return .mostOfIt }
        }
        guard !touched.isEmpty else { return .none }
        var cards: [Card] = []
        var removed: [FacultyID] = []
        for id in touched.sorted() {
            if let card = snapshot.cards[id], department == nil || card.profile.department == department {
                cards.append(card)
            } else {
                removed.append(id)
            }
        }
        return .some(cards: cards, removed: removed)
    }

    private func frame(of change: Change, _ department: String?) -> BoardFrame? {
        switch change {
        case .none: nil
        case .some(let cards, let removed):
            BoardFrame(kind: .change, tag: snapshot.tag, cards: cards, removed: removed)
        case .mostOfIt: snapshotFrame(of: department)
        }
    }
}
