// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import SQL
import Store
import TestSupport
import Testing

@Suite("Promise 6: versions that an outside writer can't forget")
struct OutsideVersionContract {
    /// An administrator opens a person's page, an operator changes the same row at the SQL prompt, and the
    /// administrator saves.
    @Test(arguments: TestEngine.allCases)
    func anEditAtThePromptIsAConflictThatShowsBothSides(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let id = try await fixture.store.addFaculty("Dr. A").value
            let seen = try #require(await fixture.store.read { try FacultyRepository($0).find(id) })
            try await fixture.edit("UPDATE faculty SET room = '7' WHERE id = \(id)")
            let save = { @Sendable (expecting: ExpectedVersion) in
                try await fixture.store.write {
                    try FacultyRepository($0).change(id, to: .named("Dr. B"), beacon: nil, expecting: expecting)
                }.value
            }
            let conflict = try await #require(throws: VersionConflict<FacultyRepository.Content>.self) {
                _ = try await save(.exactly(seen.version))
            }
            #expect(conflict.wanted?.profile.name == "Dr. B")
            #expect(conflict.standing?.value.profile.room == "7")
            #expect(conflict.standing?.version == seen.version + 1)
            #expect(try await save(.exactly(seen.version + 1)) == seen.version + 2)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func eachColumnThatIsEditedRaisesTheVersionByOneAndTheSameValueByNone(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            try await fixture.furnish()
            for edit in OutsideEdit.all {
                let before = try #require(await fixture.version(edit.table, where: edit.row))
                for _ in 0..<2 {
                    try await fixture.edit("UPDATE \(edit.table) SET \(edit.column) = \(edit.value) WHERE \(edit.row)")
                    let after = try await fixture.version(edit.table, where: edit.row)
                    #expect(after == before + 1, "\(edit.name)")
                }
            }
        }
    }

    /// A table or a column that is added later must be watched too, or be named here.
    @Test func everyTableWithAVersionIsWatched() {
        let notes = ["consultation.on_screen_of", "consultation.shown_at"]
        let tables = CopiedTable.all(schema: Migrator.currentVersion).filter { $0.columns.contains("version") }
        let edited = tables.flatMap { table in
            table.columns.filter { $0 != "version" && !table.key.contains($0) }.map { "\(table.name).\($0)" }
        }
        #expect(edited.filter { !notes.contains($0) }.sorted() == OutsideEdit.all.map(\.name).sorted())
    }

    @Test(arguments: TestEngine.allCases)
    func aRowThatNamesNoVersionBeginsWithOne(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            try await fixture.furnish()
            for edit in OutsideEdit.all {
                #expect(try await fixture.version(edit.table, where: edit.row) == 1, "\(edit.table)")
            }
        }
    }

    @Test(arguments: TestEngine.allCases)
    func aVersionNeverGoesBackAndTheRefusalNamesTheRemedy(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            try await fixture.furnish()
            for edit in Dictionary(grouping: OutsideEdit.all, by: \.table).compactMap(\.value.first) {
                try await fixture.edit("UPDATE \(edit.table) SET version = 5 WHERE \(edit.row)")
                let mistake = "UPDATE \(edit.table) SET \(edit.column) = \(edit.value), version = 1 WHERE \(edit.row)"
                let refusal = try await #require(throws: SQLError.self, "\(edit.table)") {
                    try await fixture.store.engine.write { try $0.script(mistake) }
                }
                #expect(refusal.code == .constraint)
                #expect(refusal.message.contains("it rises by itself"))
                await #expect(throws: (any Error).self) { try await fixture.edit(mistake) }
                #expect(try await fixture.version(edit.table, where: edit.row) == 5)
                // A version that is repeated for other values counts as none.
                try await fixture.edit(
                    "UPDATE \(edit.table) SET \(edit.column) = \(edit.value), version = 5 WHERE \(edit.row)")
                #expect(try await fixture.version(edit.table, where: edit.row) == 6)
            }
        }
    }

    @Test(arguments: TestEngine.allCases)
    func whoRaisesItIsLeftAlone(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            try await fixture.furnish()
            for edit in OutsideEdit.all {
                let before = try #require(await fixture.version(edit.table, where: edit.row))
                try await fixture.edit(
                    """
                    UPDATE \(edit.table) SET \(edit.column) = \(edit.value), version = version + 3 WHERE \(edit.row)
                    """)
                #expect(try await fixture.version(edit.table, where: edit.row) == before + 3, "\(edit.name)")
            }
        }
    }

    @Test(arguments: TestEngine.allCases)
    func anUpsertThatForgetsTheVersionRaisesIt(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            try await fixture.furnish()
            try await fixture.edit(
                """
                INSERT INTO override (faculty_id, word, set_at) VALUES (1, 'out', 6)
                ON CONFLICT (faculty_id) DO UPDATE SET word = excluded.word, set_at = excluded.set_at
                """)
            #expect(try await fixture.version("override", where: "faculty_id = 1") == 2)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func everyRowOfAStatementRises(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            try await fixture.edit(
                """
                INSERT INTO faculty (id, name, surname, department)
                WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
                SELECT i, 'N', 'N', 'D' FROM n
                """)
            try await fixture.edit("UPDATE faculty SET room = '7'; UPDATE faculty SET room = '8' WHERE id <= 3")
            let counted = try await fixture.store.read { transaction in
                try transaction.connection.query(
                    "SELECT version, count(*) FROM faculty GROUP BY version ORDER BY version"
                ).map { [try $0.get(0, as: Int64.self), try $0.get(1)] }
            }
            #expect(counted == [[2, 497], [3, 3]])
        }
    }

    /// SQLite writes the row twice, which still makes one revision: see promise 2.
    @Test(arguments: TestEngine.allCases)
    func anOutsidersRowTakesOneRevision(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            try await fixture.furnish()
            for column in ["room", "email"] {
                let before = try await fixture.store.read { try CardRepository($0).currentRevision() }
                try await fixture.edit("UPDATE faculty SET \(column) = 'x' WHERE id = 2")
                let changes = try await fixture.store.read { try CardRepository($0).changes(since: before) }
                #expect(changes.revision.number == before.number + 1)
                #expect(changes.cards.map(\.id.rawValue) == [2])
            }
        }
    }

    @Test(arguments: TestEngine.shared)
    func aShellWhoseTriggersRecurRaisesOnce(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            try await fixture.furnish()
            let setting = engine == .sqliteFile ? "PRAGMA recursive_triggers = ON; " : ""
            _ = try await fixture.outside("\(setting)UPDATE faculty SET room = '7' WHERE id = 1")
            #expect(try await fixture.version("faculty", where: "id = 1") == 2)
        }
    }
}
