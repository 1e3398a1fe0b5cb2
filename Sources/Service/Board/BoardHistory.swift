// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import DequeModule
import Domain
import HashTreeCollections

/// The board as it is, and which cards the last commits touched, so that a change costs what changed. Pure.
struct BoardHistory: Sendable {
    private(set) var snapshot: BoardSnapshot
    /// The newest publications, oldest first, at most `largestCount`.
    private var steps: Deque<Step> = []
    /// Frames made for the present revision, by what they are for: so that each is encoded once, whoever asks.
    private var frames: [FrameKey: BoardFrame?] = [:]

    static let largestCount = 1024
    /// Scopes come from outside, so frames between two publications are bounded too.
    static let largestFrameCount = 4096

    /// One publication: which cards it touched, and in which department each of them was before.
    private struct Step: Sendable {
        let from: Revision
        let touched: [(id: FacultyID, departmentBefore: String?)]
    }

    private struct FrameKey: Hashable, Sendable {
        let department: String?
        /// Nil for a snapshot.
        let from: Revision?
    }

    init(_ snapshot: BoardSnapshot) {
        self.snapshot = snapshot
    }

    /// Makes the next snapshot the present one. `touched` are the cards in which it differs.
    mutating func publish(_ next: BoardSnapshot, touched: [FacultyID]) {
        let before = snapshot.cards
        steps.append(Step(from: snapshot.revision, touched: touched.map { ($0, before[$0]?.profile.department) }))
        if steps.count > Self.largestCount { steps.removeFirst() }
        snapshot = next
        frames.removeAll(keepingCapacity: true)
    }

    /// The whole board of a scope.
    mutating func snapshotFrame(of department: String?) -> BoardFrame {
        let key = FrameKey(department: department, from: nil)
        if case .some(.some(let frame)) = frames[key] { return frame }
        let frame = BoardFrame(
            kind: .snapshot, tag: snapshot.tag, cards: snapshot.cards(of: department), removed: [])
        keep(frame, for: key)
        return frame
    }

    /// What a scope that has seen `revision` must still be told; nil where nothing in it changed.
    mutating func changeFrame(of department: String?, after revision: Revision) -> BoardFrame? {
        guard revision < snapshot.revision else { return nil }
        let key = FrameKey(department: department, from: revision)
        if let known = frames[key] { return known }
        let (cards, removed) = changes(in: department, after: revision)
        let frame: BoardFrame? =
            cards.isEmpty && removed.isEmpty
            ? nil : BoardFrame(kind: .change, tag: snapshot.tag, cards: cards, removed: removed)
        // A frame from a revision that nobody was given serves nobody else: whoever invents revisions can't fill the memory.
        if steps.contains(where: { $0.from == revision }) { keep(frame, for: key) }
        return frame
    }

    private mutating func keep(_ frame: BoardFrame?, for key: FrameKey) {
        if frames.count >= Self.largestFrameCount { frames.removeAll(keepingCapacity: true) }
        frames[key] = .some(frame)
    }

    private func changes(in department: String?, after revision: Revision) -> (cards: [Card], removed: [FacultyID]) {
        guard let first = steps.firstIndex(where: { $0.from == revision }) else {
            return changesOfLongAgo(in: department, after: revision)
        }
        var departmentsBefore: [FacultyID: Set<String>] = [:]
        for step in steps[first...] {
            for (id, before) in step.touched {
                departmentsBefore[id, default: []].formUnion(before.map { [$0] } ?? [])
            }
        }
        var cards: [Card] = []
        var removed: [FacultyID] = []
        for (id, before) in departmentsBefore {
            if let card = snapshot.cards[id], department == nil || card.profile.department == department {
                cards.append(card)
            } else if department.map(before.contains) ?? true {
                removed.append(id)
            }
        }
        return (cards.sorted { $0.id < $1.id }, removed.sorted())
    }

    /// A reconnect after more than `largestCount` publications: every card knows when it last changed, so the whole map is
    /// read once. Who moved to another department is named as removed, which does no harm where they never were shown.
    private func changesOfLongAgo(
        in department: String?, after revision: Revision
    ) -> (cards: [Card], removed: [FacultyID]) {
        let changed = snapshot.cards.values.filter { $0.revision > revision }
        let cards = changed.filter { department == nil || $0.profile.department == department }
        let moved = department == nil ? [] : changed.filter { $0.profile.department != department }.map(\.id)
        let removed = snapshot.removed.filter { $0.value > revision }.map(\.key)
        return (cards.sorted { $0.id < $1.id }, (moved + removed).sorted())
    }
}
