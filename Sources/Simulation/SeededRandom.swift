// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// A repeatable random generator, SplitMix64 (Steele, Lea and Flood, 2014). Not for secrets.
package struct SeededRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) {
        state = seed
    }

    /// Makes a separate stream for the `index`-th of many users of one seed.
    package init(seed: UInt64, stream index: Int) {
        var parent = SeededRandom(seed: seed ^ UInt64(bitPattern: Int64(index)) &* 0xD134_2543_DE82_EF95)
        state = parent.next()
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Returns true with this probability, 0…1.
    package mutating func chance(_ probability: Double) -> Bool {
        probability > 0 && Double.random(in: 0..<1, using: &self) < probability
    }
}
