// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Concurrency
import Randomness
import Testing

@Suite("Backoff: delays between attempts")
struct BackoffTests {
    @Test func theDelayDoublesUpToTheCapAndBeginsAgainAfterAReset() {
        var generator = SeededGenerator(seed: 1)
        var backoff = Backoff(first: .milliseconds(50), cap: .seconds(1), jitter: 1...1)
        let delays = (0..<7).map { _ in backoff.next(using: &generator) }
        #expect(delays == [50, 100, 200, 400, 800, 1000, 1000].map { .milliseconds($0) })
        backoff.reset()
        #expect(backoff.next(using: &generator) == .milliseconds(50))
    }

    @Test(arguments: [0.0...1.0, 0.5...1.0])
    func eachDelayIsAPartOfItsCeilingWithinTheJitter(_ jitter: ClosedRange<Double>) {
        var generator = SeededGenerator(seed: 2)
        var backoff = Backoff(first: .milliseconds(200), cap: .seconds(30), jitter: jitter)
        var parts: [Double] = []
        for failures in 0..<2000 {
            let ceiling = backoff.ceiling(after: failures)
            let part = backoff.next(using: &generator) / ceiling
            #expect(part > jitter.lowerBound - 1e-9 && part < jitter.upperBound + 1e-9)
            parts.append(part)
        }
        #expect((parts.min() ?? 1) < jitter.lowerBound + 0.01)
        #expect((parts.max() ?? 0) > jitter.upperBound - 0.01)
    }

    @Test func anyNumberOfFailuresHasADelay() {
        let backoff = Backoff(first: .milliseconds(1), cap: .seconds(30))
        #expect(backoff.ceiling(after: 0) == .milliseconds(1))
        #expect(backoff.ceiling(after: .max) == .seconds(30))
    }
}
