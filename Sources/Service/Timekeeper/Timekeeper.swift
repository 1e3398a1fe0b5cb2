// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
package import Logging
package import Store

/// Commits what time brings, in small transactions: an override that ends, a unit that falls silent, the age of
/// evidence, and what is old enough to be forgotten.
///
/// The leader does it, and a server that is alone. A standby leaves it to the leader, and does itself only what has
/// been left undone for so long that no leader can be there. Nothing here is published: `BoardKeeper` follows these
/// commits as it follows any other.
package struct Timekeeper: Sendable {
    let store: Store
    let clock: any Clock<Duration>
    let logger: Logger

    /// How soon a stored moment is noticed.
    package static let tick = Duration.milliseconds(200)
    /// How long a standby waits for the leader to commit what is due.
    static let deference = Duration.seconds(10)
    /// How often the age of evidence of people who are present is committed, and how often old rows are forgotten.
    package static let interval = Duration.seconds(300)

    /// `clock` paces what is done each `interval`; ticks and rests go by real time.
    package init(store: Store, clock: any Clock<Duration> = ContinuousClock(), logger: Logger) {
        self.store = store
        self.clock = clock
        self.logger = logger
    }

    /// Runs until cancelled.
    package func run() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await commitWhatIsDue() }
            group.addTask {
                await eachInterval("The age of evidence could not be committed") { try await refreshEvidence() }
            }
            group.addTask {
                await eachInterval("Old rows could not be removed") { try await forget() }
            }
            await group.next()
            group.cancelAll()
        }
    }

    private func commitWhatIsDue() async {
        var dueSince: ContinuousClock.Instant?
        var lines = LineBudget(1)
        while !Task.isCancelled {
            do {
                if try await isDueHere(&dueSince) {
                    try await commitDuePieces()
                    dueSince = nil
                }
            } catch is CancellationError {
                return
            } catch {
                complain("What is due could not be committed", error, &lines)
            }
            try? await Task.sleep(for: Self.tick)
        }
    }

    /// Whether a person is due and this process must commit it.
    private func isDueHere(_ dueSince: inout ContinuousClock.Instant?) async throws -> Bool {
        guard try await isAnybodyDue() else {
            dueSince = nil
            return false
        }
        let now = ContinuousClock.now
        let since = dueSince ?? now
        dueSince = since
        return !store.leavesTimeToAnother || since.duration(to: now) >= Self.deference
    }

    private func isAnybodyDue() async throws -> Bool {
        try await store.read { try AvailabilityRepository($0).isAnybodyDue() }
    }

    /// `Store.write` computes a bounded number of rows before each COMMIT, so many who fall due together take several.
    private func commitDuePieces() async throws {
        repeat {
            try await restingAfter(share: 1) { try await store.write { _ in } }
        } while try await isAnybodyDue()
    }

    /// Runs one transaction, then leaves the database to others for `share` times as long as it took.
    @discardableResult
    func restingAfter<Value>(share: Int, _ body: () async throws -> Value) async throws -> Value {
        let began = ContinuousClock.now
        let value = try await body()
        try await Task.sleep(for: max(began.duration(to: .now) * share, .milliseconds(5)))
        return value
    }

    private func eachInterval(_ complaint: Logger.Message, _ body: () async throws -> Void) async {
        while !Task.isCancelled {
            do {
                try await clock.sleep(for: Self.interval)
                try await body()
            } catch is CancellationError {
                return
            } catch {
                logger.warning(complaint, metadata: ["error": "\(error)"])
            }
        }
    }

    /// A line a minute, however often it is tried.
    private func complain(_ line: Logger.Message, _ error: any Error, _ lines: inout LineBudget) {
        guard let withheld = lines.take(at: store.now) else { return }
        logger.warning(line, metadata: ["error": "\(error)", "withheld": "\(withheld)"])
    }
}
