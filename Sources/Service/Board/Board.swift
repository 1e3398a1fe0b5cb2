// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
package import Logging
package import Store
import Synchronization

/// Holds the snapshot that every screen reads: only committed states, in commit order, one revision at a time.
///
/// The board follows the database's change feed, so it also sees commits of other processes. A read never waits for the
/// database; a read that asks for a revision waits until the board has it.
package final class Board: Sendable {
    private let store: Store
    private let logger: Logger
    let state: Mutex<State>

    struct State {
        var history: BoardHistory
        var subscribers = BoardSubscribers()
        var waiters: [Int: AsyncStream<Void>.Continuation] = [:]
        var looks = BoardLooks()
        private var lastKey = 0
        var failingSince: Timestamp?
        var trust: BoardTrust

        init(history: BoardHistory, trust: BoardTrust) {
            self.history = history
            self.trust = trust
        }

        /// Returns a key for a new subscriber or waiter.
        mutating func newKey() -> Int {
            lastKey += 1
            return lastKey
        }
    }

    /// Reads the whole board once.
    package init(store: Store, logger: Logger) async throws {
        self.store = store
        self.logger = logger
        let changes = try await Self.completeChanges(since: nil, in: store)
        let (snapshot, _) = BoardSnapshot(lineage: changes.lineage).applying(changes)
        state = Mutex(State(history: BoardHistory(snapshot), trust: BoardTrust(moment: store.now, at: .now)))
    }

    package var snapshot: BoardSnapshot { history.snapshot }

    /// The revision of the present snapshot.
    package var revision: Revision { state.withLock(\.history.snapshot.revision) }

    var history: BoardHistory { state.withLock(\.history) }

    /// Since when the board can't follow the database; nil while it does.
    package var failingSince: Timestamp? { state.withLock(\.failingSince) }

    package var subscriberCount: Int { state.withLock(\.subscribers.count) }

    /// How many reads wait for a revision that the board doesn't have yet.
    package var waiterCount: Int { state.withLock(\.waiters.count) }

    /// Reads the changes since the present snapshot and publishes them as one. `BoardKeeper` alone calls it, one call
    /// at a time.
    ///
    /// - Returns: whether that succeeded.
    @discardableResult
    func refresh() async -> Bool {
        let look = state.withLock { $0.looks.begin() }
        let begun = store.now
        do {
            let seen = snapshot.tag
            var changes = try await Self.completeChanges(since: seen, in: store) { reason in doubt(reason) }
            if changes.lineage != snapshot.lineage {
                logger.notice(
                    "The database has another lineage now: every screen starts afresh",
                    metadata: ["lineage": "\(changes.lineage)", "former": "\(snapshot.lineage)"])
                changes = try await Self.completeChanges(since: nil, in: store)
            }
            publish(changes)
            let waiters = state.withLock { state in
                state.failingSince = nil
                state.trust.succeed(asOf: begun)
                state.looks.end(look)
                return Array(state.waiters.values)
            }
            for waiter in waiters { waiter.yield() }
            return true
        } catch is CancellationError {
            // The server ends: nothing is wrong with the database.
            return false
        } catch {
            state.withLock { $0.looks.fail() }
            doubt("\(error)")
            return false
        }
    }

    /// Notes that the database has just answered: see `BoardTrust.answer`.
    func confirm(behindSince: ContinuousClock.Instant? = nil, isOverdue: Bool = false) {
        let moment = store.now
        state.withLock {
            $0.trust.answer(behindSince: behindSince, isOverdue: isOverdue, moment: moment, at: .now)
        }
    }

    /// Whether the database has answered lately.
    func isConfirmed(within limit: Duration) -> Bool {
        state.withLock { $0.trust.isAnswered(within: limit, at: .now) }
    }

    /// The reason not to call the board live; nil while it is live.
    var presentDoubt: BoardTrust.Doubt? { state.withLock { $0.trust.doubt(at: .now) } }

    /// The last moment at which the board had everything that the database had; nil while the board is live.
    package var staleAt: Timestamp? { state.withLock(\.staleAt) }

    /// Notes that the board may have fallen behind the database.
    func doubt(_ reason: String) {
        let now = store.now
        let isNew = state.withLock { state in
            state.trust.fail(at: .now)
            defer { state.failingSince = state.failingSince ?? now }
            return state.failingSince == nil
        }
        // Once, not at every tick: readiness says since when.
        if isNew { logger.error("Error invalidating caches", metadata: ["error": "\(reason)"]) }
    }

    /// Reads changes in which no row waits to be computed: another program's commit and the server's own that follows
    /// it become one publication.
    ///
    /// If the database isn't the one that was `seen` (a dump was restored under the running server, say), the server
    /// gives it a new lineage first, so that its revisions aren't mistaken for those of the lost past. `doubting` then
    /// gets the reason.
    private static func completeChanges(
        since seen: RevisionTag?, in store: Store, doubting: (String) -> Void = { _ in }
    ) async throws -> CardRepository.Changes {
        func read() async throws -> (changes: CardRepository.Changes, isLost: Bool) {
            let changes = try await store.read { try CardRepository($0).changes(since: seen?.revision ?? .none) }
            return (changes, seen.map(changes.areOfAnotherPast) ?? false)
        }
        var (changes, isLost) = try await read()
        for _ in 0..<Self.attemptsToComplete where changes.isIncomplete || isLost {
            if isLost {
                doubting("the database was replaced by another state of it, at \(changes.revision)")
                var generator = SystemRandomNumberGenerator()
                try await store.adoptTimeline(seen: seen, newLineage: Lineage(using: &generator))
            } else {
                try await store.write { _ in }
            }
            (changes, isLost) = try await read()
        }
        guard !isLost else { throw BoardError.otherPast }
        guard !changes.isIncomplete else { throw BoardError.neverComplete }
        return changes
    }

    /// Another program that writes without pause may make rows due again each time; the next tick then tries once more.
    private static let attemptsToComplete = 5

    private func publish(_ changes: CardRepository.Changes) {
        let former = history
        let (next, touched) = former.snapshot.applying(changes)
        let isSameLineage = next.lineage == former.snapshot.lineage
        guard !isSameLineage || next.revision > former.snapshot.revision else { return }
        // The new history is built before the lock is taken, and the former one is freed after it.
        let history = isSameLineage ? former.publishing(next, touched: touched) : BoardHistory(next)
        let subscribers = withExtendedLifetime(former) {
            state.withLock { state in
                state.history = history
                return state.subscribers.concerned(by: isSameLineage ? history.newest : nil)
            }
        }
        for subscriber in subscribers { subscriber.signal(.changed) }
    }

    /// Makes every subscriber write a beat.
    func beat() {
        let subscribers = state.withLock(\.subscribers.all)
        for subscriber in subscribers { subscriber.signal(.beat) }
    }

    /// Follows the board, or one department of it.
    ///
    /// Without `after` the first frame is a snapshot; with it, the changes since; with a tag of another lineage, a
    /// reset and then a snapshot. The subscriber waits for a revision that the board doesn't have yet, since another
    /// instance may have shown it; if it hasn't come after two beats, it never existed, and the subscriber gets a reset
    /// too.
    ///
    /// - Parameter wake: called at least once after each beat and each change in the scope, on any thread.
    package func subscribe(
        department: String?, after tag: RevisionTag?, wake: @escaping @Sendable () -> Void
    ) -> BoardSubscription {
        state.withLock { state in
            let present = state.history.snapshot
            let start: BoardSubscription.Start =
                switch tag {
                case nil: .snapshot
                case .some(let tag) where tag.lineage != present.lineage: .reset
                case .some(let tag) where tag.revision > present.revision: .ahead(tag)
                case .some(let tag): .after(tag)
                }
            let key = state.newKey()
            let subscription = BoardSubscription(
                board: self, key: key, department: department, start: start, isLive: state.staleAt == nil,
                wake: wake)
            state.subscribers.add(subscription, key: key)
            return subscription
        }
    }

    func unsubscribe(_ key: Int, department: String?) {
        state.withLock { $0.subscribers.remove(key, department: department) }
    }
}

extension Board.State {
    fileprivate var staleAt: Timestamp? {
        trust.doubt(at: .now) == nil ? nil : trust.moment
    }
}

/// The reason why the board can't publish.
enum BoardError: Error, CustomStringConvertible {
    case neverComplete
    case otherPast

    var description: String {
        switch self {
        case .neverComplete: "rows stay due however often they are computed"
        case .otherPast: "the database is another state of itself, and could not be given a lineage of its own"
        }
    }
}
