// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
package import Logging
package import Store
import Synchronization

/// Keeps the board up to date: it follows commits of this process at once and those of others within 200 ms. It writes
/// nothing.
///
/// Three loops run side by side: one asks the database whether there is something new, one reads it, and one beats. So
/// screens still get their beats while a large change is read or a writer waits for a lock.
package struct BoardKeeper: Sendable {
    private let store: Store
    private let board: Board
    private let logger: Logger

    /// How long another process's commit may go unnoticed.
    package static let tick = Duration.milliseconds(200)
    package static let beatInterval = Duration.seconds(2)

    /// Creates a keeper. Its ticks and beats go by real time, since browsers count them.
    package init(store: Store, board: Board, logger: Logger) {
        self.store = store
        self.board = board
        self.logger = logger
    }

    /// Runs until cancelled.
    package func run() async {
        let commits = store.commits()
        let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let wishes = Wishes()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await follow(wakes, wishes) }
            group.addTask { await ask(wishes, wake) }
            group.addTask { await beat() }
            group.addTask {
                for await _ in commits { wake.yield() }
            }
            group.addTask {
                for await revision in store.announcements() where revision != board.snapshot.revision.number {
                    wishes.wish()
                    wake.yield()
                }
                // SQLite announces nothing, and the group must not end for that.
                while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
            }
            await group.next()
            group.cancelAll()
        }
    }

    /// Counts how often a refresh was found necessary, and how many of these a refresh has answered. The loop that asks
    /// and the one that reads share it.
    private final class Wishes: Sendable {
        private let state = Mutex(State())

        private struct State {
            var made = 0
            var granted = 0
            /// When the oldest wish that isn't granted was made, or a little later.
            var since: ContinuousClock.Instant?
        }

        func wish() {
            state.withLock { state in
                state.made += 1
                state.since = state.since ?? .now
            }
        }

        var made: Int { state.withLock(\.made) }

        /// Notes the end of a refresh that began at `begun`, when `count` wishes had been made.
        func grant(_ count: Int, begun: ContinuousClock.Instant) {
            state.withLock { state in
                state.granted = count
                state.since = state.made == count ? nil : begun
            }
        }

        var areGranted: Bool { state.withLock { $0.made == $0.granted } }
        var since: ContinuousClock.Instant? { state.withLock(\.since) }
    }

    /// Refreshes the board, in one task alone. Wakes coalesce; `wishes` keeps what they were for, so none is lost.
    private func follow(_ wakes: AsyncStream<Void>, _ wishes: Wishes) async {
        for await _ in wakes {
            guard !wishes.areGranted || store.lastCommitted > board.snapshot.revision else { continue }
            let (made, begun) = (wishes.made, ContinuousClock.now)
            if await board.refresh() { wishes.grant(made, begun: begun) }
        }
    }

    /// Asks the database at each tick, by reads alone, on connections that are never used for writing.
    private func ask(_ wishes: Wishes, _ wake: AsyncStream<Void>.Continuation) async {
        var known: Int64?
        var lines = LineBudget(1)
        while !Task.isCancelled {
            do {
                let version = try await store.outsideVersion()
                let isOverdue = try await store.read {
                    try AvailabilityRepository($0).isAnybodyOverdue(by: BoardTrust.overdueBy)
                }
                if version != known || board.failingSince != nil || board.isLookWanted { wishes.wish() }
                known = version
                board.confirm(behindSince: wishes.since, isOverdue: isOverdue)
                if !wishes.areGranted { wake.yield() }
            } catch {
                if let withheld = lines.take(at: store.now), !Task.isCancelled {
                    logger.warning(
                        "The database could not be asked for changes",
                        metadata: ["error": "\(error)", "withheld": "\(withheld)"])
                }
            }
            try? await Task.sleep(for: Self.tick)
        }
    }

    private func beat() async {
        while !Task.isCancelled {
            // A screen shows that it is out of date when beats stop, so the server sends none while the board is in
            // doubt.
            if let doubt = board.presentDoubt {
                board.doubt(doubt.description)
            } else {
                board.beat()
            }
            try? await Task.sleep(for: Self.beatInterval)
        }
    }
}
