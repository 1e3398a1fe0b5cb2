// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Service
import Testing

@Suite("Checks of entered fields")
struct FacultyEntryTests {
    private let good: [FacultyField: String] = [.name: "Dr. Ana Reyes", .department: "Physics"]

    private func problems(_ field: FacultyField, _ text: String) -> [FacultyField] {
        do {
            _ = try FacultyEntry(checking: good.merging([field: text]) { $1 })
            return []
        } catch {
            return error.problems.map(\.field)
        }
    }

    @Test(arguments: [
        (FacultyField.id, "1"), (.id, "9007199254740991"), (.id, " 7 "), (.id, ""),
        (.name, "ñ"), (.name, String(repeating: "x", count: 200)), (.room, String(repeating: "日", count: 200)),
        (.email, "a@b"), (.email, ""), (.beacon, "aabb.ccdd".replacing(".", with: "-") + "eeff"),
        (.beacon, "AA:BB:CC:DD:EE:FF"), (.surname, " "), (.subjects, "Physics, Mathematics; \"Chaos\""),
    ])
    func isTaken(_ field: FacultyField, _ text: String) {
        #expect(problems(field, text) == [])
    }

    @Test(arguments: [
        (FacultyField.id, "0"), (.id, "-1"), (.id, "+7"), (.id, "07"), (.id, "7.0"), (.id, "٧"),
        (.id, "9007199254740992"),
        (.id, "9223372036854775808"), (.name, ""), (.name, " \u{00A0} "), (.department, "\t"),
        (.name, "a\nb"), (.name, "a\u{0}b"), (.room, "a\tb"), (.directions, "a\u{2028}b"), (.subjects, "\u{1B}[2J"),
        (.name, String(repeating: "x", count: 201)), (.directions, String(repeating: "x", count: 201)),
        (.email, "ana"), (.email, "@"), (.email, "a@"), (.email, "@b"), (.email, "a@b@c"), (.email, "a b@c"),
        (.beacon, "AA:BB:CC:DD:EE"), (.beacon, "AA:BB:CC:DD:EE:FG"), (.beacon, "AA BB CC DD EE FF"),
    ])
    func isRefused(_ field: FacultyField, _ text: String) {
        #expect(problems(field, text) == [field])
    }

    private func problem(_ field: FacultyField, _ text: String) throws -> FieldProblem {
        let error = try #require(throws: FieldProblems.self) {
            try FacultyEntry(checking: good.merging([field: text]) { $1 })
        }
        #expect(error.problems.map(\.field) == [field])
        return try #require(error.problems.first)
    }

    /// A field counts as empty if nothing in it is visible, whatever its characters are.
    @Test(
        arguments: [FacultyField.name, .department],
        [
            "\u{200B}", "\u{FEFF}", "\u{00AD}", "\u{200D}\u{200C}", " \u{2060} ", "\u{3164}", "\u{2800}",
            "\u{115F}\u{1160}",
            "\u{FE0F}", "\u{E0041}", "\u{202E}", "\u{0301}", "\u{E000}", "\u{2028}",
        ])
    func anInvisibleTextIsEmpty(_ field: FacultyField, _ text: String) throws {
        #expect(try problem(field, text).problem.contains("is empty"))
    }

    /// Every text field is checked, and the error names the character.
    @Test(
        arguments: [FacultyField.name, .surname, .department, .room, .directions, .subjects, .email],
        [
            ("\u{202E}", "U+202E RIGHT-TO-LEFT OVERRIDE"), ("\u{2066}", "U+2066 LEFT-TO-RIGHT ISOLATE"),
            ("\u{200B}", "U+200B ZERO WIDTH SPACE"), ("\u{200F}", "U+200F RIGHT-TO-LEFT MARK"),
            ("\u{0}", "U+0000 NULL"),
            ("\u{1B}", "U+001B ESCAPE"), ("\n", "U+000A LINE FEED"), ("\u{2028}", "U+2028 LINE SEPARATOR"),
            ("\u{FEFF}", "U+FEFF ZERO WIDTH NO-BREAK SPACE"), ("\u{E000}", "U+E000"), ("\u{FFFE}", "U+FFFE"),
        ])
    func aCharacterThatSteersTextIsNamed(_ field: FacultyField, _ character: (text: String, name: String)) throws {
        let problem = try problem(field, "a\(character.text)b@c")
        #expect(problem.problem.contains("holds \(character.name)"))
        #expect(!problem.description.unicodeScalars.contains { character.text.unicodeScalars.contains($0) })
    }

    @Test(arguments: ["\u{200B}", "\u{202E}"])
    func anOptionalFieldOfNothingSeenNamesWhatItHolds(_ text: String) throws {
        #expect(try problem(.room, text).problem.contains("is empty to the eye"))
    }

    /// Some names are spelt with joiners, and many with accents.
    @Test(arguments: [
        "علی\u{200C}رضا", "Jose\u{0301} Pen\u{0303}a", "க்\u{200D}ஷ", "O’Brien", "王 小明", "Ana\u{00A0}Reyes", "Zoë 👩🏽‍🏫",
    ])
    func namesOfAllScriptsAreTaken(_ name: String) {
        #expect(problems(.name, name) == [])
    }

    @Test func aKeptFieldIsNotCheckedAgain() throws {
        let stored = good.merging([.directions: "left\u{200B}"]) { $1 }
        let entry = try FacultyEntry(checking: stored.merging([.room: "B-1"]) { $1 }, keeping: Set(stored.keys))
        #expect(entry.profile.directions == "left\u{200B}" && entry.profile.room == "B-1")
        #expect(throws: FieldProblems.self) { try FacultyEntry(checking: stored, keeping: [.name]) }
    }

    @Test func everyProblemIsNamedAtOnceWithItsRemedy() throws {
        let error = try #require(throws: FieldProblems.self) {
            try FacultyEntry(checking: [.id: "x", .name: "", .email: "y", .beacon: "z"])
        }
        #expect(error.problems.map(\.field) == [.id, .name, .department, .email, .beacon])
        #expect(error.problems.allSatisfy { !$0.remedy.isEmpty })
        #expect(error.description.split(separator: "\n").count == 5)
    }

    @Test func aMessageNeverCarriesControlCharacters() throws {
        let error = try #require(throws: FieldProblems.self) {
            try FacultyEntry(checking: good.merging([.room: "\u{1B}[31mred"]) { $1 })
        }
        #expect(!error.description.contains("\u{1B}"))
    }

    @Test func theSurnameIsTheLastWordWhereNoneIsGiven() throws {
        #expect(try FacultyEntry(checking: good).profile.surname == "Reyes")
        #expect(try FacultyEntry(checking: good.merging([.surname: "de Reyes"]) { $1 }).profile.surname == "de Reyes")
    }
}
