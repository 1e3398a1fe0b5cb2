// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import SQL
import Store
import TestSupport
import Testing

/// Tests versions that the program's own transactions raise, and those of dependent rows.
@Suite("Promise 6: each edit raises a version once")
struct RaisedVersionContract {
    @Test(arguments: TestEngine.allCases)
    func ourOwnEditsRiseOnce(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            try await fixture.furnish()
            let (faculty, student) = (try #require(FacultyID(1)), try #require(StudentID(1)))
            let (unit, request) = (try #require(UnitID("desk-1")), try #require(ConsultationID(1)))
            try await fixture.edit("UPDATE consultation SET on_screen_of = 'desk-1', shown_at = 6")
            try await fixture.store.write { transaction in
                try FacultyRepository(transaction).change(faculty, to: .named("Dr. B"), beacon: nil)
                try OverrideRepository(transaction).set(.out, until: nil, for: faculty)
                try ConsultationRepository(transaction).changeStudent(
                    student, to: .init(number: "1", name: "Ana Lim", department: "D"))
                // The same action removes it from the unit's screen.
                try ConsultationRepository(transaction).apply(.cancel, to: request)
                try UnitRepository(transaction).setProfessorStatusSender(unit)
            }
            try await fixture.store.hear(unit, of: faculty, presence: .absent)
            for edit in OutsideEdit.all {
                #expect(try await fixture.version(edit.table, where: edit.row) == 2, "\(edit.table)")
            }
        }
    }

    /// The edit makes one revision and counts one row, though SQLite writes it twice.
    @Test(arguments: TestEngine.allCases)
    func anEditOfOursThatForgetsTheVersionRaisesIt(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let added = try await fixture.store.addFaculty("Dr. A")
            let forgetful = try await fixture.store.write { transaction in
                try transaction.connection.execute("UPDATE faculty SET room = '7' WHERE id = \(added.value)")
            }
            #expect(forgetful.value == 1)
            #expect(forgetful.revision.number == added.revision.number + 1)
            #expect(try await fixture.store.card(added.value)?.version == 2)
        }
    }

    /// Editing a beacon raises the version of its owner's profile.
    @Test(arguments: TestEngine.allCases)
    func aBeaconThatIsGivenMovedOrTakenAwayAtThePromptRaisesItsOwnersProfile(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            try await fixture.furnish()
            let edits: [(sql: String, versions: [Int64])] = [
                ("INSERT INTO beacon (address, faculty_id) VALUES ('AA:BB:CC:DD:EE:01', 1)", [2, 1]),
                ("UPDATE beacon SET address = 'AA:BB:CC:DD:EE:02'", [3, 1]),
                ("UPDATE beacon SET address = 'AA:BB:CC:DD:EE:02'", [3, 1]),
                ("UPDATE beacon SET faculty_id = 2", [4, 2]),
                ("DELETE FROM beacon", [4, 3]),
            ]
            for (sql, versions) in edits {
                try await fixture.edit(sql)
                let found = try await fixture.store.read { transaction in
                    try transaction.connection.query("SELECT version FROM faculty ORDER BY id").map {
                        try $0.get(0, as: Int64.self)
                    }
                }
                #expect(found == versions, "\(sql)")
            }
        }
    }

    @Test(arguments: TestEngine.allCases)
    func ourOwnEditOfABeaconRisesOnce(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let beacon = try #require(BeaconAddress("AA:BB:CC:DD:EE:01"))
            let id = try await fixture.store.addFaculty("Dr. A", beacon: beacon).value
            #expect(try await fixture.store.card(id)?.version == 1)
            for (other, version) in [("AA:BB:CC:DD:EE:02", 2), (nil, 3)] as [(String?, Int64)] {
                let beacon = other.flatMap { BeaconAddress($0) }
                try await fixture.store.write {
                    try FacultyRepository($0).change(id, to: .named("Dr. A"), beacon: beacon)
                }
                #expect(try await fixture.store.card(id)?.version == version)
            }
        }
    }

    /// A trigger withdraws what a unit reported about its former owner, and raises the presence's version itself.
    @Test(arguments: TestEngine.allCases)
    func aUnitThatIsMovedAtThePromptRaisesItsOwnRowAndThePresenceOnce(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            try await fixture.furnish()
            try await fixture.edit("UPDATE desk_unit SET faculty_id = 2 WHERE id = 'desk-1'")
            #expect(try await fixture.version("desk_unit", where: "id = 'desk-1'") == 2)
            #expect(try await fixture.version("presence", where: "faculty_id = 1 AND unit_id IS NULL") == 2)
            #expect(try await fixture.version("faculty", where: "id = 1") == 1)
        }
    }

    /// Writes by foreign keys are edits too: the unit then stands on no desk.
    @Test(arguments: TestEngine.allCases)
    func aUnitWhoseOwnerIsRemovedRises(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            try await fixture.furnish()
            try await fixture.store.write { transaction in
                try transaction.connection.execute("DELETE FROM faculty WHERE id = 2")
            }
            #expect(try await fixture.version("desk_unit", where: "id = 'desk-2' AND faculty_id IS NULL") == 2)
        }
    }

    @Test(arguments: CopyRoute.all)
    func aCopyHasTheVersionsOfItsSourceAndRaisesThemAfterwards(_ route: CopyRoute) async throws {
        try await withStore(route.source) { fixture in
            try await fixture.furnish()
            try await fixture.edit("INSERT INTO beacon (address, faculty_id) VALUES ('AA:BB:CC:DD:EE:01', 1)")
            let rows = Dictionary(grouping: OutsideEdit.all, by: \.table).compactMap(\.value.first)
            for (index, edit) in rows.enumerated() {
                try await fixture.edit("UPDATE \(edit.table) SET version = \(index + 5) WHERE \(edit.row)")
            }
            try await withEmptyDatabase(route.target) { target in
                _ = try await Copier(from: fixture.store.engine, to: target).run(plan())
                for (index, edit) in rows.enumerated() {
                    let copied = try await fixture.version(on: target, edit.table, where: edit.row)
                    #expect(copied == Int64(index + 5), "\(edit.table)")
                    let sql = "UPDATE \(edit.table) SET \(edit.column) = \(edit.value) WHERE \(edit.row)"
                    try await target.write { try $0.script(sql) }
                    let edited = try await fixture.version(on: target, edit.table, where: edit.row)
                    #expect(edited == Int64(index + 6), "\(edit.table)")
                }
            }
        }
    }
}
