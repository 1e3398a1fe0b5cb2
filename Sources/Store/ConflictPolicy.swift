// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Metrics
import SQL

/// What happens if the database gives up a transaction for another's sake: it is run again, a few times, after a
/// short and jittered pause. Then the conflict is the caller's to know.
package struct ConflictPolicy: Sendable {
    private let attempts: Int
    private let clock: any Clock<Duration>
    private let jitter: @Sendable (ClosedRange<Int>) -> Int

    private static let retried = Counter(label: "consultease.database.conflicts", dimensions: [("outcome", "retried")])
    private static let exhausted = Counter(
        label: "consultease.database.conflicts", dimensions: [("outcome", "exhausted")])

    package init(
        attempts: Int = 6, clock: any Clock<Duration> = ContinuousClock(),
        jitter: @escaping @Sendable (ClosedRange<Int>) -> Int = { Int.random(in: $0) }
    ) {
        precondition(attempts > 0, "a transaction is tried once at least")
        self.attempts = attempts
        self.clock = clock
        self.jitter = jitter
    }

    func retrying<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
        for attempt in 1..<attempts {
            do {
                return try await body()
            } catch let error as SQLError where error.code == .conflict {
                Self.retried.increment()
                try await clock.sleep(for: .milliseconds(jitter(1...(10 << attempt))))
            }
        }
        do {
            return try await body()
        } catch let error as SQLError where error.code == .conflict {
            Self.exhausted.increment()
            throw error
        }
    }
}
