// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Service
import Testing

@Suite("People's fields, as entered")
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
