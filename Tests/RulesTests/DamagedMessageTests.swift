// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Randomness
import Rules
import Testing

struct DamagedMessageTests {
    /// Cutting or changing one byte of a real message never crashes the judge, and never gives two readings of one
    /// text.
    @Test(arguments: [UInt64](1...20))
    func damagedMessagesAreReadOrRefused(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for line in Corpus.lines {
            var bytes = line.message.payload
            guard !bytes.isEmpty else { continue }
            let index = Int.random(in: 0..<bytes.count, using: &generator)
            if Bool.random(using: &generator) {
                bytes.removeSubrange(index...)
            } else {
                bytes[index] = UInt8.random(in: 0...255, using: &generator)
            }
            var room = Room()
            let before = room.world
            let verdict = room.hear(line.message.topic, bytes, retained: line.message.isOnSubscribe)
            if verdict.reason != nil { #expect(room.world == before, "seed \(seed), \(line.id)") }
        }
    }
}
