// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Store

/// A clock that runs `speed` times faster than real time.
struct ScaledClock: Clock {
    let speed: Double
    private let start = ContinuousClock.now

    /// - Parameter speed: above 0.
    init(speed: Double) {
        self.speed = speed
    }

    /// How long it has been since the clock was made, in its own time.
    struct Instant: InstantProtocol {
        let elapsed: Duration

        func advanced(by duration: Duration) -> Instant { Instant(elapsed: elapsed + duration) }
        func duration(to other: Instant) -> Duration { other.elapsed - elapsed }
        static func < (left: Instant, right: Instant) -> Bool { left.elapsed < right.elapsed }
    }

    var now: Instant { Instant(elapsed: start.duration(to: .now) * speed) }
    var minimumResolution: Duration { .milliseconds(1) }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let remaining = now.duration(to: deadline) / speed
        if remaining > .zero { try await Task.sleep(for: remaining) }
    }
}

/// The time of a demonstration: it begins at `base` and advances with `clock`.
struct ScaledTime: TimeSource {
    let base: Timestamp
    let clock: ScaledClock

    func read() -> ClockReading { ClockReading(moment: base + Span(clock.now.elapsed)) }

    /// Does nothing: no other server writes to a demonstration's database.
    func advance(to moment: Timestamp) {}
}
