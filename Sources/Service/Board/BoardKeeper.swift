// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
package import Logging
package import Store
import Synchronization

/// Keeps the board true: follows commits of this process at once and of others within 200 ms, and commits what time brings.
///
/// Time is a writer: an override's end or a unit's silence becomes visible by a commit that this loop makes at the stored moment.
package struct BoardKeeper: Sendable {
    private let store: Store
    private let board: Board
    private let clock: any Clock<Duration>
    private let logger: Logger

    /// How soon an outsider's commit and a stored moment are noticed.
    package static let tick = Duration.milliseconds(200)
    package static let beatInterval = Duration.seconds(2)
    /// For how long whoever leads may leave undone what time brings, until somebody who stands by does it.
    private static let deference = Duration.seconds(10)
    /// How often the age of evidence of people who are present is committed, all in one transaction.
    package static let evidenceInterval = Duration.seconds(300)

    /// `clock` paces ticks and evidence; beats go by real time, since browsers count them.
    package init(store: Store, board: Board, clock: any Clock<Duration>, logger: Logger) {
        self.store = store
        self.board = board
        self.clock = clock
        self.logger = logger
    }

    /// Runs until cancelled.
    package func run() async {
        let commits = store.commits()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await follow(commits) }
            group.addTask { await beat() }
            group.addTask { await refreshEvidence() }
            await group.next()
            group.cancelAll()
        }
    }

    /// Commits of this process and ticks come by one stream, so that the board is refreshed by one task alone. Wakes
    /// coalesce; what they were for is kept beside the stream, so none is lost.
    private func follow(_ commits: AsyncStream<Revision>) async {
        let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let hints = Hints()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for await _ in commits { wake.yield() }
            }
            group.addTask {
                for await revision in store.announcements() where revision != board.snapshot.revision.number {
                    hints.isAnnounced.store(true, ordering: .releasing)
                    wake.yield()
                }
            }
            group.addTask {
                while !Task.isCancelled {
                    hints.isDue.store(true, ordering: .releasing)
                    wake.yield()
                    try? await Task.sleep(for: Self.tick)
                }
            }
            var look = Look()
            for await _ in wakes {
                let isAnnounced = hints.isAnnounced.exchange(false, ordering: .acquiring)
                if isAnnounced || store.lastCommitted > board.snapshot.revision { await board.refresh() }
                if hints.isDue.exchange(false, ordering: .acquiring) { await lookOutside(&look) }
            }
            group.cancelAll()
        }
    }

    /// Shared by the tasks that wake and the one that looks.
    private final class Hints: Sendable {
        let isDue = Atomic(true)
        /// Another process says that it has committed.
        let isAnnounced = Atomic(false)
    }

    /// What one look outside leaves for the next.
    private struct Look {
        var version: Int64?
        /// Since when somebody is due whom nobody computes.
        var dueSince: ContinuousClock.Instant?
    }

    private func lookOutside(_ look: inout Look) async {
        do {
            let version = try await store.outsideVersion()
            if try await isDue(&look) {
                // The commit announces itself, and the refresh that follows shows the outsider's change and ours as one.
                try await store.write { _ in }
                look.dueSince = nil
            }
            var hasAll = true
            if version != look.version || board.failingSince != nil || board.isLookWanted {
                hasAll = await board.refresh()
            }
            look.version = version
            if hasAll { board.confirm() }
        } catch {
            logger.warning("The database could not be asked for changes", metadata: ["error": "\(error)"])
        }
    }

    /// Whether it is for this process to commit what time brings. Whoever hears the units knows best who is silent: others
    /// leave it to them, and see to it only where nobody does.
    private func isDue(_ look: inout Look) async throws -> Bool {
        guard try await store.read({ try AvailabilityRepository($0).isAnybodyDue() }) else {
            look.dueSince = nil
            return false
        }
        let now = ContinuousClock.now
        let since = look.dueSince ?? now
        look.dueSince = since
        return !store.isStandingBy || since.duration(to: now) >= Self.deference
    }

    private func beat() async {
        while !Task.isCancelled {
            // No beat is the only word that a screen understands where the database can't be asked: it says so itself.
            if board.staleAt == nil {
                board.beat()
            } else {
                board.doubt("the database has not answered for \(Board.patience)")
            }
            try? await Task.sleep(for: Self.beatInterval)
        }
    }

    private func refreshEvidence() async {
        while !Task.isCancelled {
            do {
                try await clock.sleep(for: Self.evidenceInterval)
                try await store.write { transaction in
                    try AvailabilityRepository(transaction).markStaleEvidence()
                    try RefusalRepository(transaction).dropOldSamples()
                    try WorldRepository(transaction).dropOldOrderState()
                }
            } catch is CancellationError {
                return
            } catch {
                logger.warning("The age of evidence could not be committed", metadata: ["error": "\(error)"])
            }
        }
    }
}
