// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import SQL

/// How long to wait before the database is tried again: doubling, with full jitter, up to a second.
package struct RetryPolicy: Sendable {
    private let clock: any Clock<Duration>
    private let jitter: @Sendable (ClosedRange<Int>) -> Int

    package init(
        clock: any Clock<Duration> = ContinuousClock(),
        jitter: @escaping @Sendable (ClosedRange<Int>) -> Int = { Int.random(in: $0) }
    ) {
        self.clock = clock
        self.jitter = jitter
    }

    /// Waits before attempt `attempt` + 1; returns early if the task is cancelled.
    func pause(_ attempt: Int) async {
        let ceiling = min(1000, 20 << min(attempt, 6))
        try? await clock.sleep(for: .milliseconds(jitter(1...ceiling)))
    }
}

/// Whether an error says something of the data or of the database.
struct ErrorKind {
    let isTransient: Bool

    init(_ error: any Error) {
        isTransient = (error as? SQLError)?.isTransient ?? false
    }
}
