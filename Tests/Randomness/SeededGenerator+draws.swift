// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

extension SeededGenerator {
    /// Returns true with the given probability, in per cent (0…100).
    package mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }

    /// Returns a number from 0 up to, but not including, `bound`, which is at least 1.
    package mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }
}
