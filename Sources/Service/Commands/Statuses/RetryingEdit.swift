// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Store

/// A machine's edit that spans transactions: it sees in one, decides in none, and writes in another, on condition that
/// the version that it saw still stands.
///
/// A conflict is decided anew from fresh state, after a jittered pause, at most `attemptLimit` times in all; then the
/// last one is thrown. A person's edit doesn't go this way: they are shown both sides.
package struct RetryingEdit: Sendable {
    /// What became of one conflict.
    package enum Outcome: String, Sendable, CaseIterable {
        case retried
        case exhausted
    }

    /// What the edit came to.
    package enum Result<Seen: Sendable, Value: Sendable>: Sendable {
        case wrote(Store.Committed<Value>)
        /// It was decided to leave everything as it was seen.
        case left(Seen)
    }

    package static let attemptLimit = 5

    private let store: Store
    private let retry: CommitBackoff
    private let count: @Sendable (Outcome) -> Void

    /// `retry` brings the clock and the jitter.
    package init(
        store: Store, retry: CommitBackoff = CommitBackoff(),
        count: @escaping @Sendable (Outcome) -> Void = ConflictMetrics.count
    ) {
        self.store = store
        self.retry = retry
        self.count = count
    }

    /// Runs the edit; `decide` returns nil to leave everything as it is.
    ///
    /// `see` reads one snapshot, and holds up no writer; `decide` may take its time; `write` says which version it
    /// expects, so that it throws an `AnyVersionConflict` if that has gone. Each may run more than once, and has no
    /// effect but `write`'s on the database. Throws `CancellationError` if the task is cancelled between attempts.
    package func callAsFunction<Seen: Sendable, Choice: Sendable, Value: Sendable>(
        seeing see: @escaping @Sendable (Transaction) throws -> Seen,
        deciding decide: @Sendable (Seen) async throws -> Choice?,
        writing write: @escaping @Sendable (Choice, Transaction) throws -> Value
    ) async throws -> Result<Seen, Value> {
        var attempt = 1
        while true {
            let seen = try await store.read(see)
            guard let choice = try await decide(seen) else { return .left(seen) }
            do {
                return .wrote(try await store.write { transaction in try write(choice, transaction) })
            } catch let conflict as any AnyVersionConflict {
                guard attempt < Self.attemptLimit else {
                    count(.exhausted)
                    throw conflict
                }
                count(.retried)
            }
            await retry.pause(attempt)
            try Task.checkCancellation()
            attempt += 1
        }
    }
}
