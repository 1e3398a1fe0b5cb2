// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Service
import Store
import Testing

@Suite("The plan of an import")
struct ImportPlanTests {
    private let ana = FacultyRepository.Holder(id: .init(unchecked: 7), name: "Ana Reyes", department: "Physics")

    private func plan(_ csv: String, _ taken: TakenKeys = TakenKeys()) -> ImportPlan {
        ImportPlan(ImportFile(csv: Array(csv.utf8)), taken: taken)
    }

    @Test func keepsGivenIDsAndNumbersTheOthersAboveAllOfThem() {
        let plan = plan(
            "name,department,id\nA B,X,\nC D,X,50\nE F,X,\n", TakenKeys(largestID: 9))
        #expect(plan.problems.isEmpty)
        #expect(plan.additions.map(\.id.rawValue) == [51, 50, 52])
        #expect(plan.additions.map(\.isIDGiven) == [false, true, false])
        #expect(plan.additions.map(\.line) == [2, 3, 4])
    }

    @Test func refusesWhatSomebodyHas() throws {
        let beacon = try #require(BeaconAddress("AA:BB:CC:DD:EE:FF"))
        let taken = TakenKeys(ids: [ana.id: ana], beacons: [beacon: ana], largestID: 7)
        let plan = plan("name,department,id,beacon\nBen Cruz,Law,7,AA:BB:CC:DD:EE:FF\nCarla Diaz,Law,8,\n", taken)
        #expect(plan.problems.map(\.column) == ["id", "beacon"])
        #expect(plan.problems.allSatisfy { $0.line == 2 && $0.problem.contains("Ana Reyes (id 7)") })
    }

    @Test func takesASecondPersonOfTheSameNameOnlyWithAnIDOfTheirOwn() {
        let taken = TakenKeys(people: [PersonKey(name: ana.name, department: ana.department): ana], largestID: 7)
        #expect(plan("name,department\nAna Reyes,physics\n", taken).problems.map(\.column) == ["name"])
        #expect(plan("name,department\nANA\u{00A0}REYES,Physics\n", taken).problems.map(\.column) == ["name"])
        #expect(plan("name,department,id\nAna Reyes,Physics,8\n", taken).problems.isEmpty)
        #expect(plan("name,department\nAna Reyes,Law\n", taken).problems.isEmpty)
    }

    @Test func saysWhereNoIDIsLeft() {
        let plan = plan("name,department\nA B,X\n", TakenKeys(largestID: FacultyID.largestAtOurDoors))
        #expect(plan.problems.map(\.column) == ["id"])
        #expect(plan.additions.isEmpty)
    }

    @Test func namesProblemsInTheOrderOfTheFile() {
        let taken = TakenKeys(people: [PersonKey(name: ana.name, department: ana.department): ana], largestID: 7)
        let plan = plan("name,department\nAna Reyes,Physics\n,Law\nAna Reyes,Physics\n", taken)
        #expect(plan.problems.map(\.line) == [2, 3, 4])
        #expect(plan.rowCount == 3)
    }
}

extension FacultyID {
    /// Makes the ids that a test writes as literals.
    fileprivate init(unchecked number: Int64) {
        guard let id = FacultyID(number) else { preconditionFailure("\(number) is no id") }
        self = id
    }
}
