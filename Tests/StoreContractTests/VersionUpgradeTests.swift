// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import SQL
import SQLite
import Store
import TestSupport
import Testing

@Suite("Upgrade of a database without version triggers")
struct VersionUpgradeTests {
    /// The migrations of the program before the third schema.
    private static let former = Array(Migrator.migrations.prefix(2))

    private static let edit = "UPDATE faculty SET room = room || '7' WHERE id = 1"

    private func version(_ engine: any Engine) async throws -> Int64? {
        try await engine.read { try $0.first("SELECT version FROM faculty WHERE id = 1")?.get(0) }
    }

    /// Runs the missing migrations; an existing lineage is kept.
    private func migrate(
        _ engine: any Engine, _ migrations: [Migrator.Migration] = Migrator.migrations
    ) async throws -> (from: Int64, to: Int64) {
        let lineage = try #require(secondLineage)
        return try await Migrator.migrate(engine, lineage: lineage, migrations: migrations)
    }

    private func furnish(_ engine: any Engine) async throws {
        _ = try await migrate(engine, Self.former)
        try await engine.write { connection in
            try connection.script(
                """
                INSERT INTO faculty (id, name, surname, department, room, version)
                    VALUES (1, 'Dr. A', 'A', 'D', '7', 5);
                INSERT INTO beacon (address, faculty_id) VALUES ('AA:BB:CC:DD:EE:01', 1);
                """)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func versionsStayAndRiseFromThenOn(_ engine: TestEngine) async throws {
        try await withEmptyDatabase(engine) { engine in
            try await furnish(engine)
            try await engine.write { try $0.script(Self.edit) }
            #expect(try await version(engine) == 5)
            let before = try await contents(engine, schema: 2)
            await #expect(throws: SQLError.self) { _ = try await Store(engine: engine, time: ManualTime()) }
            let prepared = try await Upgrade.prepare(engine, freeBytes: { nil }, backup: { "of schema \($0.from)" })
            #expect(prepared?.backup == "of schema 2")
            #expect(prepared?.step.to == Migrator.currentVersion)
            _ = try await migrate(engine)
            var after = try await contents(engine, schema: 2)
            after["meta"] = before["meta"]
            #expect(after == before)
            try await engine.write { try $0.script(Self.edit) }
            #expect(try await version(engine) == 6)
            _ = try await Store(engine: engine, time: ManualTime())
        }
    }

    @Test(arguments: TestEngine.allCases)
    func theFormerProgramRefusesIt(_ engine: TestEngine) async throws {
        try await withEmptyDatabase(engine) { engine in
            try await furnish(engine)
            _ = try await migrate(engine)
            let refusal = await #expect(throws: SQLError.self) {
                _ = try await migrate(engine, Self.former)
            }
            #expect(refusal?.message.contains("use a newer consultease") == true)
            await #expect(throws: SQLError.self) {
                _ = try await Upgrade.prepare(
                    engine, migrations: Self.former, freeBytes: { nil }, backup: { _ in "none" })
            }
        }
    }

    /// Like `restore`, the test unpacks the backup with its own schema's migrations, and then upgrades it.
    @Test(arguments: TestEngine.allCases)
    func aBackupOfTheFormerSchemaIsRestoredAndRisesFromThenOn(_ engine: TestEngine) async throws {
        try await withTemporaryFolder { folder in
            let source = try SQLiteEngine.inMemory()
            try await furnish(source)
            let (file, path) = try portable(folder)
            _ = try await Backup.make(
                of: source, into: file,
                .init(madeAt: ManualTime().now(), source: .sqlite, program: "former", files: []),
                migrations: Self.former)
            try file.close()
            try source.close()
            let backup = try SQLiteEngine.readOnly(at: path)
            let manifest = try await Backup.verify(backup)
            #expect(manifest.schema == 2)
            try await withEmptyDatabase(engine) { target in
                _ = try await Backup.unpack(backup, manifest, into: target, plan())
                let done = try await migrate(target)
                #expect(done.from == 2)
                #expect(try await version(target) == 5)
                try await target.write { try $0.script(Self.edit) }
                #expect(try await version(target) == 6)
            }
            try backup.close()
        }
    }
}
