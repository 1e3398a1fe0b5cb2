// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Consistency
import Randomness
import TestSupport
import Testing

@Suite("Random histories of a system that keeps the promises")
struct RandomHistoryTests {
    @Test(arguments: 0..<60 as Range<UInt64>)
    func areAccepted(seed: UInt64) {
        let report = Checker.check(ModelRun.history(seed: seed, steps: 1500))
        #expect(report.isAccepted, "seed \(seed): \(report)")
    }

    /// Checks the same histories with one fault each.
    @Test(arguments: Mutation.allCases)
    func areRefusedWithOneFault(_ mutation: Mutation) {
        var planted = 0
        for seed in 0..<60 as Range<UInt64> {
            var generator = SeededGenerator(seed: seed &* 31)
            let history = ModelRun.history(seed: seed, steps: 700)
            guard let changed = mutation.applied(to: history, using: &generator) else { continue }
            planted += 1
            let report = Checker.check(changed)
            #expect(!report.violations.isEmpty, "\(mutation) in seed \(seed) was not found: \(report)")
        }
        #expect(planted >= 15, "only \(planted) of 60 histories had a place for it")
    }

    /// The cost is that of reading and sorting the history: four times as many operations take about four times as
    /// long, not sixteen times.
    @Test func theCostGrowsWithTheHistory() {
        func spent(_ steps: Int) -> Duration {
            let history = ModelRun.history(seed: 7, steps: steps)
            let start = ContinuousClock.now
            let report = Checker.check(history)
            #expect(report.isAccepted, "\(report)")
            return start.duration(to: .now)
        }
        let (small, large) = (spent(25_000), spent(100_000))
        #expect(large < small * 12, "\(small), then \(large) for four times as many")
    }
}
