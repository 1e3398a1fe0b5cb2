// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// A clock as simulated units and their runs use it: how long it has been since a common start, and how to wait.
///
/// Made of any clock, so that a test can drive a day in a second and a demonstration in minutes.
package struct SimulationTime: Sendable {
    /// Since this value was made.
    package let elapsed: @Sendable () -> Duration
    /// Throws `CancellationError` when the task is cancelled.
    package let sleep: @Sendable (Duration) async throws -> Void

    package init(_ clock: some Clock<Duration>) {
        let start = clock.now
        elapsed = { start.duration(to: clock.now) }
        sleep = { duration in try await clock.sleep(until: clock.now.advanced(by: duration), tolerance: nil) }
    }

    /// Waits until `condition` holds, looking every 10 ms; false when `limit` has passed before, or at cancellation.
    /// Stays where its caller is isolated.
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
    /// Whole milliseconds, rounded down; 0 if it is negative.
    package var milliseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        return UInt64(seconds) * 1_000 + UInt64(attoseconds / 1_000_000_000_000_000)
    }

    /// Seconds with their fraction.
    package var inSeconds: Double { self / .seconds(1) }
}
