// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Service
import Testing

@Suite("Reading a file of faculty members")
struct ImportFileTests {
    private func file(_ lines: String...) -> ImportFile {
        ImportFile(csv: Array(lines.joined(separator: "\n").utf8))
    }

    private func places(_ file: ImportFile) -> [String] {
        file.problems.map { "\($0.line) \($0.column ?? "-")" }
    }

    @Test func readsColumnsInAnyOrderAndCase() throws {
        let file = file(
            "Beacon, DEPARTMENT,name,id,email", "aa-bb-cc-dd-ee-ff,Physics, Dr. Ana Reyes ,7,ana@u.example",
            ",Law,\"Cruz, Juan\",,")
        #expect(file.problems.isEmpty)
        #expect(file.rowCount == 2)
        #expect(file.rows.map(\.line) == [2, 3])
        let first = try #require(file.rows.first).entry
        #expect(first.id == FacultyID(7))
        #expect(first.beacon == BeaconAddress("AA:BB:CC:DD:EE:FF"))
        #expect(first.profile == FacultyProfile(name: "Dr. Ana Reyes", department: "Physics", email: "ana@u.example"))
        let second = try #require(file.rows.last).entry
        #expect(second == FacultyEntry(profile: FacultyProfile(name: "Cruz, Juan", department: "Law")))
    }

    @Test(arguments: [
        ("name", ["1 department"]),
        ("nme,department", ["1 -", "1 name"]),
        ("name,department,name", ["1 name"]),
        ("name,department,", ["1 -"]),
        ("name;department", ["1 -", "1 name", "1 department"]),
        ("\"name,department", ["1 -"]),
    ])
    func refusesAHeaderThatCanNotBeUsed(_ header: String, _ expected: [String]) {
        let file = file(header, "x,y")
        #expect(places(file) == expected)
        #expect(!file.problems.isEmpty)
        #expect(file.rows.isEmpty)
    }

    @Test func anEmptyFileSaysSo() {
        let file = ImportFile(csv: [])
        #expect(file.problems.map(\.problem) == ["the file is empty"])
    }

    @Test func namesEveryBadFieldOfEveryRow() {
        let file = file(
            "name,department,id,beacon,email", "Ana Reyes,Physics,1,,", ",Physics,0,zz,no", "Ben Cruz,Law",
            "Carla Diaz,,2,,",
            "Dan Go,Law,2x,,d@u.example", "\"Eva\" Lim,Law,,,")
        #expect(
            places(file) == [
                "3 id", "3 name", "3 email", "3 beacon", "4 -", "5 department", "6 id", "7 name",
            ])
        #expect(file.rows.map(\.line) == [2])
        #expect(file.rowCount == 6)
    }

    // MARK: As a spreadsheet leaves it

    @Test func rowsOfCommasAloneAreSkipped() {
        let file = file(
            "name,department,room", "Ana Reyes,Physics,B-1", ",,", "Ben Cruz,Law,", " , ,\u{00A0}", ",", ",,,,,",
            "\"\",,")
        #expect(file.problems.isEmpty)
        #expect(file.rows.map(\.line) == [2, 4])
        #expect(file.rowCount == 2)
    }

    @Test func aRowWithAnythingInItIsNoneOfThose() {
        #expect(places(file("name,department,room", ",,B-1")) == ["2 name", "2 department"])
    }

    @Test(arguments: ["name,department", "name,department\n", "name,department\n,\n,\n\n"])
    func aHeaderAloneSaysThatNothingWasThere(_ text: String) {
        let file = ImportFile(csv: Array(text.utf8))
        #expect(file.problems.map(\.problem) == ["no person stands below the header"])
        #expect(file.rowCount == 0)
    }

    /// A file's lines are its header and the rows below it; no more can be bad.
    @Test(arguments: [
        ("\"name,department", 0), ("na\"me,department\nx\"y,z\n", 1), ("na\"me\nA,B\nC\"D,E\n", 2), ("", 0),
        ("name,rank\n", 0), ("name,department\nA,B\nC\"D,E\n,,\n", 2),
    ])
    func everyLineWithAProblemIsCounted(_ text: String, _ rowCount: Int) {
        let file = ImportFile(csv: Array(text.utf8))
        #expect(file.rowCount == rowCount)
        #expect(Set(file.problems.map(\.line)).count <= file.rowCount + 1)
    }

    @Test func theSamePersonTwiceIsFoundHoweverTheyAreWritten() {
        let file = file(
            "name,department,id", "Dr. José Peña,Physics,", "DR.  JOSE\u{0301}\u{00A0}PEN\u{0303}A,physics,",
            "Dr. José Peña,Law,", "Dr. José Peña,Physics,9", "Dr. Jose Pena,Physics,")
        #expect(places(file) == ["3 name"])
        #expect(file.problems.first?.problem.contains("stands in line 2 already") == true)
        #expect(file.rows.map(\.line) == [2, 4, 5, 6])
    }

    @Test func findsTwinsInsideTheFileAndNamesTheFirst() {
        let file = file(
            "name,department,id,beacon", "Ana Reyes,Physics,1,AA:BB:CC:DD:EE:FF", ",Physics,2,",
            "Ben Cruz,Law,1,aabbccddeeff", "Carla Diaz,Law,2,", "Dan Go,Law,1,")
        #expect(places(file) == ["3 name", "4 id", "4 beacon", "5 id", "6 id"])
        #expect(file.problems.map(\.problem).filter { $0.hasPrefix("1 stands in line 2") }.count == 2)
        #expect(file.problems.contains { $0.problem == "2 stands in line 3 already" })
        #expect(file.rows.map(\.line) == [2])
    }
}
