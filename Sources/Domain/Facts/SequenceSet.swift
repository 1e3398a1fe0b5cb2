// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// A set of whole numbers from 1, kept as closed ranges: the events of a boot that were seen.
///
/// The set is compact if numbers arrive in order. It has at most `largestRangeCount` ranges: a unit that leaves more
/// gaps is broken.
package struct SequenceSet: Hashable, Sendable {
    /// Sorted, disjoint and never adjacent.
    package private(set) var ranges: [ClosedRange<Int64>]

    package static let largestRangeCount = 512

    package init() {
        ranges = []
    }

    package init(_ range: ClosedRange<Int64>) {
        ranges = [range]
    }

    package func contains(_ number: Int64) -> Bool {
        let index = firstIndex(endingAtOrAfter: number)
        return index < ranges.count && ranges[index].contains(number)
    }

    /// Whether every number of the range was seen.
    package func covers(_ range: ClosedRange<Int64>) -> Bool {
        let index = firstIndex(endingAtOrAfter: range.upperBound)
        return index < ranges.count && ranges[index].lowerBound <= range.lowerBound
            && ranges[index].contains(range.upperBound)
    }

    /// Whether no number was seen.
    package var isEmpty: Bool { ranges.isEmpty }

    /// The highest number seen, or 0.
    package var last: Int64 { ranges.last?.upperBound ?? 0 }

    /// The count of numbers between 1 and `last` that were not seen.
    package var gapCount: Int64 {
        last - ranges.reduce(0) { $0 + ($1.upperBound - $1.lowerBound + 1) }
    }

    /// Adds a number. Returns false, and changes nothing, if that would need more ranges than allowed.
    package mutating func insert(_ number: Int64) -> Bool {
        let index = firstIndex(endingAtOrAfter: number)
        if index < ranges.count, ranges[index].contains(number) { return true }
        let joinsBefore = index > 0 && ranges[index - 1].upperBound == number - 1
        let joinsAfter = index < ranges.count && number < .max && ranges[index].lowerBound == number + 1
        switch (joinsBefore, joinsAfter) {
        case (true, true):
            ranges[index - 1] = ranges[index - 1].lowerBound...ranges[index].upperBound
            ranges.remove(at: index)
        case (true, false):
            ranges[index - 1] = ranges[index - 1].lowerBound...number
        case (false, true):
            ranges[index] = number...ranges[index].upperBound
        case (false, false):
            guard ranges.count < Self.largestRangeCount else { return false }
            ranges.insert(number...number, at: index)
        }
        return true
    }

    private func firstIndex(endingAtOrAfter number: Int64) -> Int {
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < number { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension SequenceSet: LosslessStringConvertible {
    /// The stored form, such as `1-10,12`.
    package var description: String {
        ranges.map { $0.lowerBound == $0.upperBound ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
            .joined(separator: ",")
    }

    package init?(_ text: String) {
        var ranges: [ClosedRange<Int64>] = []
        for part in text.split(separator: ",") {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int64($0) }
            guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2, first <= last,
                first > (ranges.last?.upperBound ?? 0)
            else { return nil }
            ranges.append(first...last)
        }
        self.ranges = ranges
    }
}
