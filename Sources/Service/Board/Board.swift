// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
import Foundation
import HashTreeCollections
package import Logging
import Metrics
package import Store
import Synchronization

/// The in-memory snapshot that every screen reads: only what is committed, in commit order, one revision at a time.
///
/// It follows the database by its change feed, so a commit of another process reaches it too. Reading never waits for the
/// database; a read that asks for a revision waits until the board has it.
package final class Board: Sendable {
    private let store: Store
    private let logger: Logger
    private let state: Mutex<State>

    private struct State {
        var history: BoardHistory
        var subscribers: [Int: BoardSubscription] = [:]
        var nextSubscriber = 0
        var failingSince: Timestamp?
        /// When the database last said that this is all there is.
        var confirmedAt = ContinuousClock.now
    }

    private static let hits = Counter(label: "consultease.board.reads", dimensions: [("result", "hit")])
    private static let misses = Counter(label: "consultease.board.reads", dimensions: [("result", "wait")])

    /// Reads the whole board once.
    package init(store: Store, logger: Logger) async throws {
        self.store = store
        self.logger = logger
        let changes = try await Self.completeChanges(since: .none, in: store)
        let empty = BoardSnapshot(lineage: changes.lineage, revision: .none, cards: [:])
        let (snapshot, _) = try empty.applying(changes)
        state = Mutex(State(history: BoardHistory(snapshot)))
    }

    package var snapshot: BoardSnapshot { state.withLock(\.history.snapshot) }

    /// Since when the board can't follow the database; nil while it does.
    package var failingSince: Timestamp? { state.withLock(\.failingSince) }

    package var subscriberCount: Int { state.withLock(\.subscribers.count) }

    /// Reads what changed since the present snapshot and publishes it as one. Called by `BoardKeeper` alone, one call at a time.
    ///
    /// - Returns: whether it could.
    @discardableResult
    func refresh() async -> Bool {
        do {
            var changes = try await Self.completeChanges(since: snapshot.revision, in: store)
            if changes.lineage != snapshot.lineage {
                logger.notice(
                    "The database has another lineage now: every screen starts afresh",
                    metadata: ["lineage": "\(changes.lineage)", "former": "\(snapshot.lineage)"])
                changes = try await Self.completeChanges(since: .none, in: store)
            }
            try publish(changes)
            state.withLock { $0.failingSince = nil }
            return true
        } catch {
            doubt("\(error)")
            return false
        }
    }

    /// The database was just asked, and has nothing that this board hasn't.
    func confirm() {
        state.withLock { $0.confirmedAt = .now }
    }

    /// Whether the database has confirmed it lately: what is shown may be called live.
    func isConfirmed(within limit: Duration) -> Bool {
        state.withLock { $0.confirmedAt.duration(to: .now) <= limit }
    }

    /// It can't be said any more that the board is what the database has.
    func doubt(_ reason: String) {
        let now = store.now
        let isNew = state.withLock { state in
            defer { state.failingSince = state.failingSince ?? now }
            return state.failingSince == nil
        }
        // Once, not at every tick: readiness says since when.
        if isNew { logger.error("Error invalidating caches", metadata: ["error": "\(reason)"]) }
    }

    /// Changes in which nobody's row waits to be computed: an outsider's commit and ours that follows it are one publication.
    private static func completeChanges(since revision: Revision, in store: Store) async throws
        -> CardRepository.Changes
    {
        var changes = try await store.read { try CardRepository($0).changes(since: revision) }
        for _ in 0..<Self.attemptsToComplete where changes.isIncomplete {
            try await store.write { _ in }
            changes = try await store.read { try CardRepository($0).changes(since: revision) }
        }
        guard !changes.isIncomplete else { throw BoardError.neverComplete }
        return changes
    }

    /// An outsider who writes without pause may leave somebody due again and again; the next tick tries once more.
    private static let attemptsToComplete = 5

    private func publish(_ changes: CardRepository.Changes) throws {
        let (next, touched) = try snapshot.applying(changes)
        let subscribers = state.withLock { state -> [BoardSubscription] in
            let present = state.history.snapshot
            if next.lineage != present.lineage {
                state.history = BoardHistory(next)
            } else {
                guard next.revision > present.revision else { return [] }
                state.history.publish(next, touched: touched)
            }
            return Array(state.subscribers.values)
        }
        for subscriber in subscribers { subscriber.signal(.changed) }
    }

    /// Tells every subscriber that time passes: they write a beat.
    func beat() {
        let subscribers = state.withLock { Array($0.subscribers.values) }
        for subscriber in subscribers { subscriber.signal(.beat) }
    }

    /// The present snapshot, or the first one that has `revision`. Nil where that doesn't come within `limit`.
    package func snapshot(
        atLeast revision: Revision, within limit: Duration, clock: some Clock<Duration> = ContinuousClock()
    ) async -> BoardSnapshot? {
        let present = snapshot
        if present.revision >= revision {
            Self.hits.increment()
            return present
        }
        Self.misses.increment()
        let subscription = subscribe(department: nil, after: present.tag)
        defer { subscription.cancel() }
        return await withTaskGroup(of: BoardSnapshot?.self) { group in
            group.addTask {
                for await _ in subscription.signals {
                    let present = self.snapshot
                    if present.revision >= revision { return present }
                }
                return nil
            }
            group.addTask {
                try? await clock.sleep(for: limit)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            // The last moment counts: what came together with the deadline is no reason to say no.
            return first ?? (self.snapshot.revision >= revision ? self.snapshot : nil)
        }
    }

    /// Follows the board, or one department of it. Without `after` the first frame is a snapshot; with it, what came since;
    /// with a tag of another lineage, a reset and a snapshot. A revision that the board doesn't have yet is waited for, since
    /// another instance may have shown it; one that two beats don't bring never was, and gets a reset too.
    package func subscribe(department: String?, after tag: RevisionTag?) -> BoardSubscription {
        state.withLock { state in
            let present = state.history.snapshot
            let start: BoardSubscription.Start =
                switch tag {
                case nil: .snapshot
                case .some(let tag) where tag.lineage != present.lineage: .reset
                case .some(let tag) where tag.revision > present.revision: .ahead(tag)
                case .some(let tag): .after(tag)
                }
            let key = state.nextSubscriber
            state.nextSubscriber += 1
            let subscription = BoardSubscription(board: self, key: key, department: department, start: start)
            state.subscribers[key] = subscription
            return subscription
        }
    }

    func unsubscribe(_ key: Int) {
        state.withLock { _ = $0.subscribers.removeValue(forKey: key) }
    }

    func withHistory<Value>(_ body: (inout BoardHistory) -> sending Value) -> sending Value {
        state.withLock { body(&$0.history) }
    }
}

extension BoardSnapshot {
    /// The snapshot after what changed, and the ids in which it differs.
    fileprivate func applying(_ changes: CardRepository.Changes) throws -> (next: BoardSnapshot, touched: [FacultyID]) {
        let isSameLineage = changes.lineage == lineage
        var cards = isSameLineage ? cards : [:]
        var removed = isSameLineage ? removed : [:]
        for stored in changes.cards {
            cards[stored.id] = try Card(
                id: stored.id, profile: stored.profile, version: stored.version, availability: stored.availability,
                alwaysAvailable: stored.alwaysAvailable, waiting: stored.waiting, revision: stored.revision)
            removed.removeValue(forKey: stored.id)
        }
        for (id, revision) in changes.removed {
            cards.removeValue(forKey: id)
            removed[id] = revision
        }
        let next = BoardSnapshot(lineage: changes.lineage, revision: changes.revision, cards: cards, removed: removed)
        return (next, changes.cards.map(\.id) + changes.removed.keys)
    }
}

/// Why the board does not move on.
enum BoardError: Error, CustomStringConvertible {
    case neverComplete

    var description: String { "rows stay due however often they are computed" }
}
