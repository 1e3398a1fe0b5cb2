// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Randomness
import Service
import TestSupport
import Testing

@Suite("The order of surnames")
struct SurnameOrderTests {
    private func sorted(_ surnames: [String]) -> [String] {
        surnames.map { (SurnameOrder.key(surname: $0, name: "A"), $0) }.sorted { $0.0 < $1.0 }.map(\.1)
    }

    /// Each line holds names in their expected order.
    @Test(arguments: [
        ["Navarro", "Nuyda", "Ñáñez", "Ñora", "Oca"],
        ["Pena", "Penaz", "Peña", "Pepito"],
        ["PENA", "Pena", "pena"],
        ["Garcia", "García", "Garcias"],
        ["De Leon", "Dela Cruz", "Delacruz", "Delos Reyes"],
        ["De la Cruz", "De Leon", "Dela Cruz"],
        ["Reyes", "Reyes Cruz", "Reyes-Santos", "Reyesa"],
        ["Dancel", "D'Angelo", "Dantes"],
        ["Sta Ana", "Sta. Barbara", "Stacy"],
        ["Abad", "Ábalos", "Acosta", "Álvarez", "alvero", "Łęcki", "Østergaard", "Zúñiga"],
        ["Úbeda", "Uy", "Wong", "Ybañez", "Young", "Zobel", "Ω", "王"],
    ])
    func isTheReaders(_ expected: [String]) {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<20 { #expect(sorted(expected.shuffled(using: &generator)) == expected) }
    }

    @Test func accentsCountOnlyAfterTheWholeName() {
        let people = [("García", "Ana"), ("Garcia", "Ben"), ("García", "Carl")]
        let keys = people.map { SurnameOrder.key(surname: $0.0, name: $0.1) }
        #expect(keys == keys.sorted())
    }

    @Test func composedAndDecomposedSpellingsAreTheSame() {
        #expect(
            SurnameOrder.key(surname: "Pe\u{F1}a", name: "Jos\u{E9}")
                == SurnameOrder.key(surname: "Pen\u{303}a", name: "Jose\u{301}"))
    }

    /// A page's script compares UTF-16 units, and a database bytes: both must order people like `<`.
    @Test func everyWayOfComparingAgrees() {
        var generator = SeededGenerator(seed: 11)
        let letters = Array("aAbnNñÑoOéÉ -'.zß王09\u{303}")
        for _ in 0..<2000 {
            let keys = (0..<2).map { _ in
                SurnameOrder.key(
                    surname: String((0..<4).map { _ in letters.randomElement(using: &generator) ?? "a" }), name: "x")
            }
            let (left, right) = (keys[0], keys[1])
            let bytes = left.utf8.lexicographicallyPrecedes(right.utf8)
            #expect(bytes == left.utf16.lexicographicallyPrecedes(right.utf16), "\(left) \(right)")
            #expect(bytes == (left < right), "\(left) \(right)")
        }
    }
}
