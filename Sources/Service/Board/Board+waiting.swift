// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
import Metrics
import Synchronization

extension Board {
    private static let hits = Counter(label: "consultease.board.reads", dimensions: [("result", "hit")])
    private static let misses = Counter(label: "consultease.board.reads", dimensions: [("result", "wait")])

    /// Returns the present snapshot, or the first one that has `revision`; nil if that doesn't come within `limit`.
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

    /// Waits until the board has been compared with the database: a client that names an unknown lineage may come from
    /// an instance that has seen a newer one. Returns false if the database doesn't answer within `limit`.
    ///
    /// All callers that wait at the same time share one small read, and `BoardKeeper` makes at most one such read a
    /// tick.
    package func hasLooked(within limit: Duration, clock: some Clock<Duration> = ContinuousClock()) async -> Bool {
        let look = state.withLock { $0.looks.want() }
        return await wait(within: limit, clock: clock) {
            self.state.withLock { $0.looks.isDone(look) } ? true : nil
        } ?? false
    }

    /// Whether a caller waits for the database to be asked.
    var isLookWanted: Bool { state.withLock(\.looks.isWanted) }

    /// Calls `ready` now and after each publication or look within `limit`, and returns the first value that it finds.
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
            // Ask once more: a publication may have come together with the deadline.
            return first ?? ready()
        }
    }
}
