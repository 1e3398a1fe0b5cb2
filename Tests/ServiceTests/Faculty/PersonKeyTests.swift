// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Service
import Testing

@Suite("Names that look alike")
struct PersonKeyTests {
    private func key(_ name: String) -> PersonKey { PersonKey(name: name, department: "Physics") }

    @Test(arguments: [
        ("José Peña", "Jose\u{0301} Pen\u{0303}a"), ("ANA REYES", "Ana Reyes"), ("Ana  Reyes", "Ana Reyes"),
        ("Ana\u{00A0}Reyes", "Ana Reyes"), ("Ana\u{3000}Reyes", "Ana Reyes"), ("Ana\u{202F}Reyes\u{2009}", "Ana Reyes"),
        ("Ａｎａ Ｒｅｙｅｓ", "Ana Reyes"), ("ﬁlip Ray", "FILIP RAY"), ("Weiß", "WEISS"), ("ΣΟΦΟΣ", "σοφος"),
        ("σοφος", "σοφοσ"), ("PEÑA", "peña"), ("Ana\u{200D}Reyes", "AnaReyes"), ("O’Brien", "O'Brien"),
        ("Cruz‐Reyes", "Cruz-Reyes"), ("Cruz–Reyes", "Cruz-Reyes"), ("Å", "\u{212B}"),
        ("Juan Cruz\u{FE0F}", "Juan Cruz"),
    ])
    func oneKeyFindsBoth(_ one: String, _ other: String) {
        #expect(key(one) == key(other))
        #expect(PersonKey(name: "A", department: one) == PersonKey(name: "A", department: other))
    }

    @Test(arguments: [
        ("José Peña", "Jose Pena"), ("Ana Reyes", "Anna Reyes"), ("AnaReyes", "Ana Reyes"), ("Ana Reyes", "Reyes Ana"),
        ("Cruz-Reyes", "Cruz Reyes"), ("Ана", "Aнa"),
    ])
    func twoPeopleHaveTwo(_ one: String, _ other: String) {
        #expect(key(one) != key(other))
    }

    @Test func anotherDepartmentIsAnotherPerson() {
        #expect(key("Ana Reyes") != PersonKey(name: "Ana Reyes", department: "Law"))
    }
}
