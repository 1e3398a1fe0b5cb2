// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// A uniform sample of bounded size of many durations (reservoir, Vitter's algorithm R).
package struct LatencySample: Sendable {
    private var kept: [Duration] = []
    package private(set) var count = 0
    private var random: SeededRandom

    static let limit = 4_096

    package init(seed: UInt64) {
        random = SeededRandom(seed: seed)
    }

    package mutating func add(_ latency: Duration) {
        count += 1
        if kept.count < Self.limit {
            kept.append(latency)
        } else {
            let place = Int.random(in: 0..<count, using: &random)
            if place < Self.limit { kept[place] = latency }
        }
    }

    /// Adds another sample. The result is not exactly uniform if the sizes differ much.
    package mutating func merge(_ other: LatencySample) {
        let before = count
        for latency in other.kept { add(latency) }
        count = before + other.count
    }

    /// Returns the latency that this share of all values doesn't exceed; nil if there are none. `share` is 0…1.
    package func percentile(_ share: Double) -> Duration? {
        let sorted = kept.sorted()
        guard !sorted.isEmpty else { return nil }
        return sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))]
    }
}
