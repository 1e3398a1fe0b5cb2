// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// How long to wait before the next attempt: twice as long each time, up to a bound, with half of it left to chance so
/// that instances don't come back together.
struct Backoff {
    private let first: Duration
    private let bound: Duration
    private var next: Duration

    init(first: Duration = .milliseconds(50), bound: Duration = .seconds(1)) {
        self.first = first
        self.bound = bound
        next = first
    }

    mutating func pause(using generator: inout some RandomNumberGenerator) -> Duration {
        defer { next = min(next * 2, bound) }
        return next * Double.random(in: 0.5...1, using: &generator)
    }

    mutating func reset() {
        next = first
    }
}
