// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// The delays between attempts: twice as long each time, up to a cap, and a random part of that, so that many clients
/// don't come back together.
package struct Backoff: Hashable, Sendable {
    package let first: Duration
    package let cap: Duration
    private let jitter: ClosedRange<Double>
    private var attempts = 0

    /// - Parameter jitter: the parts of a delay among which one is drawn, from 0 to 1.
    package init(first: Duration, cap: Duration, jitter: ClosedRange<Double> = 0.5...1) {
        self.first = first
        self.cap = cap
        self.jitter = jitter
    }

    /// Returns the delay before the next attempt, and counts the attempt.
    package mutating func next(using generator: inout some RandomNumberGenerator) -> Duration {
        defer { attempts += 1 }
        return ceiling(after: attempts) * Double.random(in: jitter, using: &generator)
    }

    /// Begins again with the first delay.
    package mutating func reset() {
        attempts = 0
    }

    /// The longest delay after so many failed attempts before it.
    package func ceiling(after failures: Int) -> Duration {
        // Beyond 30 doublings the cap holds for any first delay that a caller would choose.
        min(cap, first * (1 << min(failures, 30)))
    }
}
