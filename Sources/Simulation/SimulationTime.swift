// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// The time of simulated units and their runs: the time since a common start, and a way to wait.
///
/// Any clock can drive it, so a test can run a day in a second, and a demonstration in minutes.
package struct SimulationTime: Sendable {
    /// Returns the time since this value was made.
    package let elapsed: @Sendable () -> Duration
    /// Waits; throws `CancellationError` if the task is cancelled.
    package let sleep: @Sendable (Duration) async throws -> Void

    package init(_ clock: some Clock<Duration>) {
        let start = clock.now
        elapsed = { start.duration(to: clock.now) }
        sleep = { duration in try await clock.sleep(until: clock.now.advanced(by: duration), tolerance: nil) }
    }

    /// Waits until `condition` holds, and checks it every `interval`. Returns false if `limit` passes first, or if
    /// cancelled. Runs in the caller's isolation.
    package func wait(
        upTo limit: Duration, every interval: Duration = .milliseconds(10),
        isolation: isolated (any Actor)? = #isolation, until condition: () async throws -> Bool
    ) async rethrows -> Bool {
        let end = elapsed() + limit
        while true {
            if try await condition() { return true }
            guard elapsed() < end else { return false }
            do { try await sleep(interval) } catch { return false }
        }
    }
}

extension Duration {
    /// The duration in whole milliseconds, rounded down; 0 if it is negative.
    package var milliseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        return UInt64(seconds) * 1_000 + UInt64(attoseconds / 1_000_000_000_000_000)
    }

    /// The duration in seconds, with their fraction.
    package var inSeconds: Double { self / .seconds(1) }
}
