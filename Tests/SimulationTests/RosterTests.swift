// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Testing

@testable import Simulation

@Suite("The roster")
struct RosterTests {
    @Test(arguments: [(0.0, 0), (0.5, 25), (0.3, 15), (1.0, 50)])
    func theShareOfDialect2Holds(share: Double, count: Int) {
        let roster = LoadRoster.standard(unitCount: 50, dialect2Share: share)
        #expect(roster.units.count { $0.dialect == .two } == count)
    }

    @Test func idsBeaconsAndUnitsAreAsDocumented() {
        let roster = LoadRoster.standard(unitCount: 300, consultationsEach: 2)
        #expect(roster.units.map(\.faculty) == Array(1...300))
        #expect(Set(roster.units.map(\.beacon)).count == 300)
        #expect(roster.units[299].beacon == "AA:BB:CC:00:01:2C")
        #expect(roster.units.allSatisfy { $0.unit == ($0.dialect == .two ? "load-" : "d1-") + "\($0.faculty)" })
        #expect(roster.consultations.map(\.id) == Array(1...600))
        #expect(roster.consultations.prefix(3).map(\.faculty) == [1, 1, 2])
    }

    @Test func filesSayWhatTheServerNeeds() {
        let roster = LoadRoster.standard(unitCount: 2, consultationsEach: 1)
        #expect(
            roster.facultyCSV == """
                id,name,department,beacon
                1,Load Person 1,Load,AA:BB:CC:00:00:01
                2,Load Person 2,Load,AA:BB:CC:00:00:02

                """)
        #expect(roster.unitsCSV == "unit,faculty,dialect\nd1-1,1,1\nload-2,2,2\n")
        #expect(roster.consultationsCSV == "id,faculty,status\n1,1,pending\n2,2,pending\n")
    }
}
