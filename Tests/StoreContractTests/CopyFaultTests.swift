// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Foundation
import SQL
import SQLite
import Store
import TestSupport
import Testing

@Suite("A copy reports what can't be copied, and its outcome")
struct CopyFaultTests {
    /// Copies over the target's existing data.
    private func replace(
        _ target: any Engine, backedUp: [TableDigest], from source: any Engine
    ) async throws -> CopyResult {
        var replacing = plan(replaces: true)
        replacing.backedUp = backedUp
        return try await Copier(from: source, to: target).run(replacing)
    }

    private func digests(_ engine: any Engine) async throws -> [TableDigest] {
        try await engine.read { try TableDigest.all(schema: Migrator.currentVersion, $0) }
    }

    /// Tests an edit that makes a revision, and one that no trigger counts.
    @Test(
        arguments: TestEngine.allCases,
        [
            "UPDATE faculty SET room = 'LOST-9' WHERE id = 1",
            "INSERT INTO student (number, name, department) VALUES ('2026-9', 'Lost', 'D')",
        ])
    func rowsWrittenAfterTheBackupAreNotReplaced(_ engine: TestEngine, _ edit: String) async throws {
        try await withStore { source in
            try await source.store.populate(seed: 11, people: 3)
            try await withStore(engine) { target in
                try await target.store.populate(seed: 12, people: 2)
                let backedUp = try await digests(target.store.engine)
                try await target.edit(edit)
                let before = try await contents(target.store.engine)
                let error = await #expect(throws: CopyError.self) {
                    _ = try await replace(target.store.engine, backedUp: backedUp, from: source.store.engine)
                }
                #expect(error?.code == .changed)
                #expect(try await contents(target.store.engine) == before)
                _ = try await replace(
                    target.store.engine, backedUp: try await digests(target.store.engine), from: source.store.engine)
                #expect(try await contents(target.store.engine) == contents(source.store.engine))
            }
        }
    }

    @Test(arguments: TestEngine.allCases)
    func aReplacedDatabaseMayHaveAnOlderSchema(_ engine: TestEngine) async throws {
        try await withStore { source in
            try await source.store.populate(seed: 13, people: 2)
            try await withEmptyDatabase(engine) { target in
                let lineage = try #require(secondLineage)
                _ = try await Migrator.migrate(
                    target, lineage: lineage, migrations: Array(Migrator.migrations.prefix(1)))
                try await target.write { connection in
                    try connection.script(
                        "INSERT INTO faculty (id, name, surname, department) VALUES (7, 'Dr. Old', 'Old', 'D')")
                }
                let backedUp = try await target.read { try TableDigest.all(schema: 1, $0) }
                _ = try await replace(target, backedUp: backedUp, from: source.store.engine)
                #expect(try await contents(target) == contents(source.store.engine))
                _ = try await Store(engine: target, time: source.time)
            }
        }
    }

    @Test(arguments: [
        (bytes: "4100486964", words: "has a NUL character"), (bytes: "41FF42", words: "is no UTF-8"),
        (bytes: "C0AF", words: "is no UTF-8"), (bytes: "EDA080", words: "is no UTF-8"),
    ])
    func textThatIsNoneIsNamedWithItsPlace(_ bytes: String, _ words: String) async throws {
        try await withStore { fixture in
            try await fixture.store.populate(seed: 14, people: 3)
            _ = try await fixture.outside("UPDATE faculty SET directions = CAST(x'\(bytes)' AS TEXT) WHERE id = 2")
            try await withEmptyDatabase(.sqliteInMemory) { target in
                let error = await #expect(throws: CopyError.self) {
                    _ = try await Copier(from: fixture.store.engine, to: target).run(plan())
                }
                #expect(error?.code == .unfit)
                #expect(error?.description.contains("faculty.directions where id = 2 \(words)") == true)
                #expect(try await isUntouched(target))
                _ = try await fixture.outside("UPDATE faculty SET directions = 'A' WHERE id = 2")
                _ = try await Copier(from: fixture.store.engine, to: target).run(plan())
            }
        }
    }

    /// A key that can't be passed to the next query would make the copier read the same rows for ever.
    @Test(.timeLimit(.minutes(5)))
    func aKeyThatIsNoTextIsNamedToo() async throws {
        try await withStore { fixture in
            try await fixture.store.populate(seed: 15, people: 1)
            _ = try await fixture.outside(
                """
                WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 600)
                INSERT INTO applied_answer (unit_id, message_id, response_type, timestamp)
                SELECT 'desk-1', CAST(CAST(printf('z%03d', i) AS BLOB) || x'0071' AS TEXT), 'x', 't' FROM n
                """)
            let target = try SQLiteEngine.inMemory()
            let error = await #expect(throws: CopyError.self) {
                _ = try await Copier(from: fixture.store.engine, to: target).run(plan())
            }
            #expect(error?.description.contains("message_id = CAST(x'7a3030300071' AS TEXT)") == true)
            try target.close()
        }
    }

    @Test func orphanedRowsAreNamedWithTheirRemedy() async throws {
        try await withStore { fixture in
            try await fixture.store.populate(seed: 16, people: 2)
            _ = try await fixture.outside("INSERT INTO unit_link (unit_id, tolerance) VALUES ('nobody', 60000)")
            let target = try SQLiteEngine.inMemory()
            let error = await #expect(throws: CopyError.self) {
                _ = try await Copier(from: fixture.store.engine, to: target).run(plan())
            }
            let text = try #require(error).description
            #expect(error?.code == .unfit)
            #expect(text.contains("1 of unit_link (unit_id) to desk_unit"))
            let start = try #require(text.firstRange(of: "DELETE FROM")).lowerBound
            _ = try await fixture.outside(String(text[start...]))
            let result = try await Copier(from: fixture.store.engine, to: target).run(plan())
            #expect(result.tables.first { $0.table == "unit_link" }?.rows == 2)
            try target.close()
        }
    }

    @Test(arguments: TestEngine.allCases)
    func theReportNamesTheTargetsState(_ engine: TestEngine) async throws {
        try await withStore { fixture in
            try await fixture.store.populate(seed: 17, people: 2)
            try await withEmptyDatabase(engine) { empty in
                let target = FaultyEngine(empty)
                let copier = Copier(from: fixture.store.engine, to: target)
                let code = { @Sendable () async -> CopyError.Code? in
                    do {
                        _ = try await copier.run(plan())
                        return nil
                    } catch {
                        return (error as? CopyError)?.code
                    }
                }
                target.failNextCommits([SQLError(code: .unknownOutcome, message: "no answer")])
                #expect(await code() == .unknownOutcome)
                target.failReads(true)
                #expect(await code() == .unproved)
                target.failReads(false)
                let found = try await lineage(target)
                #expect(found == secondLineage)
                #expect(await code() == .notEmpty)
            }
        }
    }

    @Test func aTriggerThatAnAdministratorSwitchedStaysSo() async throws {
        try await withStore(.postgreSQL) { fixture in
            try await fixture.store.populate(seed: 18, people: 2)
            try await fixture.edit(
                """
                ALTER TABLE faculty DISABLE TRIGGER faculty_changed;
                ALTER TABLE student ENABLE ALWAYS TRIGGER student_version_raised;
                """)
            let states: @Sendable (any Connection) throws -> [SQLRow] = { connection in
                try connection.query(
                    "SELECT tgname::text, tgenabled::text FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, tgrelid")
            }
            let before = try await fixture.store.engine.read(states)
            try await withStore { source in
                try await source.store.populate(seed: 19, people: 2)
                _ = try await Copier(from: source.store.engine, to: fixture.store.engine).run(plan(replaces: true))
            }
            #expect(try await fixture.store.engine.read(states) == before)
        }
    }
}
