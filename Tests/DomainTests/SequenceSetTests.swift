// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Randomness
import Testing

@Suite("Sequence set")
struct SequenceSetTests {
    /// The set behaves like a plain set of numbers, and keeps its canonical form.
    @Test(arguments: [UInt64](1...40))
    func isASet(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var (set, model): (SequenceSet, Set<Int64>) = (SequenceSet(), [])
        for _ in 0..<400 {
            let number = Int64.random(in: 1...120, using: &generator)
            #expect(set.contains(number) == model.contains(number), "seed \(seed)")
            let isNoted = set.insert(number)
            #expect(isNoted, "seed \(seed)")
            model.insert(number)
            let last = model.max() ?? 0
            #expect(set.last == last, "seed \(seed)")
            #expect(set.gapCount == last - Int64(model.count), "seed \(seed)")
            let low = Int64.random(in: 1...120, using: &generator)
            let range = low...min(120, low + Int64.random(in: 0...9, using: &generator))
            #expect(set.covers(range) == range.allSatisfy(model.contains), "seed \(seed)")
        }
        #expect(SequenceSet(set.description) == set, "seed \(seed)")
        for (left, right) in zip(set.ranges, set.ranges.dropFirst()) {
            #expect(left.upperBound + 1 < right.lowerBound, "seed \(seed)")
        }
    }

    @Test func aFullSetRefusesOneMoreRangeAndNothingElse() {
        var set = SequenceSet()
        var noted = (0..<Int64(SequenceSet.largestRangeCount)).map { set.insert($0 * 2 + 1) }
        #expect(!noted.contains(false))
        let full = set
        noted = [5000, 3, 2, 5000].map { set.insert($0) }
        #expect(noted == [false, true, true, true])
        #expect(full.contains(3) && !full.contains(5000))
    }

    @Test func theLargestNumberIsOne() {
        var set = SequenceSet()
        #expect([.max, 1].map { set.insert($0) } == [true, true])
        #expect(set.contains(.max) && set.contains(1) && !set.contains(2))
        #expect(set.gapCount == Int64.max - 2)
    }

    @Test(arguments: ["1-10,12", "", "5", "1-9223372036854775807"])
    func isReadBack(_ text: String) {
        #expect(SequenceSet(text)?.description == text)
    }

    @Test(arguments: ["x", "3-1", "0", "-1", "1-2-3", "5,3", "1-3,2", "1-"])
    func otherTextIsNone(_ text: String) {
        #expect(SequenceSet(text) == nil)
    }
}
