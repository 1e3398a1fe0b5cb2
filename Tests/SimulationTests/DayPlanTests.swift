// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Testing

@testable import Simulation

@Suite("A day")
struct DayPlanTests {
    @Test func aSeedRepeatsAPlan() {
        #expect(DayPlan(seed: 7) == DayPlan(seed: 7))
        #expect(DayPlan(seed: 7) != DayPlan(seed: 8))
    }

    @Test func everyKindOfStepHappensInOrderOfTimeWithinTheDay() {
        let seed = UInt64.random(in: 0 ... .max)
        let plan = DayPlan(seed: seed)
        let times = plan.happenings.map(\.at)
        #expect(times == times.sorted(), "seed \(seed)")
        #expect(times.allSatisfy { $0 > .seconds(6 * 3_600) && $0 < .seconds(20 * 3_600) }, "seed \(seed)")
        #expect(Set(plan.happenings.map(\.unit)) == Set(0..<12), "seed \(seed)")
        let kinds = Set(plan.happenings.map { String("\($0.step)".prefix { $0 != "(" }) })
        #expect(kinds.count == 10, "seed \(seed): \(kinds)")
    }

    @Test func everyPersonComesBeforeTheyLeave() {
        let seed = UInt64.random(in: 0 ... .max)
        let plan = DayPlan(seed: seed)
        for unit in 0..<12 {
            let steps = plan.happenings.filter { $0.unit == unit && ($0.step == .arrives || $0.step == .leaves) }.map(
                \.step)
            #expect(steps.first == .arrives && steps.last == .leaves, "seed \(seed)")
            #expect(zip(steps, steps.dropFirst()).allSatisfy { $0 != $1 }, "seed \(seed)")
        }
    }
}
