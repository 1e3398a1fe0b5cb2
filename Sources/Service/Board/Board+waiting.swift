// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
import Metrics
import Synchronization

extension Board {
    private static let hits = Counter(label: "consultease.board.reads", dimensions: [("result", "hit")])
    private static let misses = Counter(label: "consultease.board.reads", dimensions: [("result", "wait")])

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
        return await wait(within: limit, clock: clock) {
            let present = self.snapshot
            return present.revision >= revision ? present : nil
        }
    }

    /// Waits until the board has been compared with the database: who names a lineage that it doesn't know may come from an
    /// instance that has seen a newer one. False where the database doesn't answer within `limit`.
    ///
    /// Costs the database one small read for all who ask meanwhile, and at most one a tick of `BoardKeeper`.
    package func hasLooked(within limit: Duration, clock: some Clock<Duration> = ContinuousClock()) async -> Bool {
        let look = state.withLock { $0.looks.want() }
        return await wait(within: limit, clock: clock) {
            self.state.withLock { $0.looks.isDone(look) } ? true : nil
        } ?? false
    }

    /// Whether somebody waits for the database to be asked.
    var isLookWanted: Bool { state.withLock(\.looks.isWanted) }

    /// What `ready` finds, now or after one of the publications and looks that come within `limit`.
    private func wait<Value: Sendable>(
        within limit: Duration, clock: some Clock<Duration>, for ready: @escaping @Sendable () -> Value?
    ) async -> Value? {
        let (signals, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let key = state.withLock { state in
            let key = state.newKey()
            state.waiters[key] = signal
            return key
        }
        defer { state.withLock { _ = $0.waiters.removeValue(forKey: key) } }
        signal.yield()
        return await withTaskGroup(of: Value?.self) { group in
            group.addTask {
                for await _ in signals {
                    if let value = ready() { return value }
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
            return first ?? ready()
        }
    }
}
