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
    /// For how long a board is believed that the database has not confirmed.
    private static let patience = Duration.seconds(3)
    package static let beatInterval = Duration.seconds(2)
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
            var lastSeen: Int64?
            for await _ in wakes {
                let isAnnounced = hints.isAnnounced.exchange(false, ordering: .acquiring)
                if isAnnounced || store.lastCommitted > board.snapshot.revision { await board.refresh() }
                if hints.isDue.exchange(false, ordering: .acquiring) { await lookOutside(&lastSeen) }
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

    private func lookOutside(_ lastSeen: inout Int64?) async {
        do {
            let version = try await store.outsideVersion()
            let isDue = try await store.read { try AvailabilityRepository($0).isAnybodyDue() }
            // The commit announces itself, and the refresh that follows shows the outsider's change and ours as one.
            if isDue { try await store.write { _ in } }
            var hasAll = true
            if version != lastSeen || board.failingSince != nil { hasAll = await board.refresh() }
            lastSeen = version
            if hasAll { board.confirm() }
        } catch {
            logger.warning("The database could not be asked for changes", metadata: ["error": "\(error)"])
        }
    }

    private func beat() async {
        while !Task.isCancelled {
            // No beat is the only word that a screen understands where the database can't be asked: it says so itself.
            if board.isConfirmed(within: Self.patience) {
                board.beat()
            } else {
                board.doubt("the database has not answered for \(Self.patience)")
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
