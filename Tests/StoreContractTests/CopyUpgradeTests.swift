// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Foundation
import SQL
import SQLite
import Store
import Synchronization
import TestSupport
import Testing

@Suite("An older database is checked and backed up before its upgrade")
struct CopyUpgradeTests {
    private static let next = Migrator.currentVersion + 1
    /// The migrations of an imagined later version.
    private static let migrations =
        Migrator.migrations + [
            Migrator.Migration(version: next) { _ in
                "CREATE TABLE nickname (id INTEGER PRIMARY KEY, word TEXT NOT NULL);"
            }
        ]

    @Test func theBackupHasTheOldSchemaAndTheDatabaseTheNewOne() async throws {
        try await withTemporaryFolder { folder in
            try await withStore { fixture in
                try await fixture.store.populate(seed: 1, people: 5)
                let engine = fixture.store.engine
                let before = try await contents(engine)
                let prepared = try await Upgrade.prepare(
                    engine, migrations: Self.migrations, freeBytes: { 1 << 40 },
                    backup: { step in
                        #expect(step.from == Migrator.currentVersion && step.to == Self.next && step.size > 0)
                        let (file, path) = try portable(folder)
                        _ = try await Backup.make(
                            of: engine, into: file,
                            .init(madeAt: fixture.time.now(), source: .sqlite, program: "next", files: []),
                            migrations: Self.migrations)
                        try file.close()
                        return path
                    })
                let done = try await Migrator.migrate(
                    engine, lineage: fixture.store.lineage, migrations: Self.migrations)
                #expect(done.from == Migrator.currentVersion && done.to == Self.next)
                #expect(try await engine.read { try $0.query("SELECT * FROM nickname") }.isEmpty)
                // This program, which is now the older one, refuses.
                await #expect(throws: SQLError.self) { _ = try await Store(engine: engine, time: fixture.time) }
                let file = try SQLiteEngine.readOnly(at: try #require(prepared).backup)
                let manifest = try await Backup.verify(file)
                let target = try SQLiteEngine.inMemory()
                _ = try await Backup.unpack(file, manifest, into: target, plan())
                #expect(try await contents(target) == before)
                _ = try await Store(engine: target, time: fixture.time)
                try target.close()
                try file.close()
            }
        }
    }

    @Test func nothingIsDoneWhereThereIsNothingToUpgrade() async throws {
        let empty = try SQLiteEngine.inMemory()
        #expect(try await Upgrade.prepare(empty, freeBytes: { 0 }, backup: Self.never) == nil)
        try await withStore { fixture in
            let prepared = try await Upgrade.prepare(fixture.store.engine, freeBytes: { 0 }, backup: Self.never)
            #expect(prepared == nil)
        }
    }

    @Test func aNewerDatabaseIsRefusedBeforeAnything() async throws {
        try await withStore { fixture in
            try await fixture.store.write { try Meta.set("schema", "999", $0.connection) }
            let error = await #expect(throws: SQLError.self) {
                _ = try await Upgrade.prepare(fixture.store.engine, freeBytes: { 1 << 40 }, backup: Self.never)
            }
            #expect(error?.message.contains("use a newer consultease") == true)
        }
    }

    @Test func tooLittleSpaceIsToldBeforeAnythingIsWritten() async throws {
        try await withStore { fixture in
            let error = await #expect(throws: CopyError.self) {
                _ = try await Upgrade.prepare(
                    fixture.store.engine, migrations: Self.migrations, freeBytes: { 1 << 20 }, backup: Self.never)
            }
            #expect(error?.description.contains("make room") == true)
        }
    }

    @Test func withoutABackupThereIsNoUpgrade() async throws {
        try await withStore { fixture in
            let error = await #expect(throws: CopyError.self) {
                _ = try await Upgrade.prepare(
                    fixture.store.engine, migrations: Self.migrations, freeBytes: { nil },
                    backup: { _ in throw SQLError(code: .storage, message: "the stick was pulled") })
            }
            #expect(error?.description.contains("the stick was pulled") == true)
            let version = try await fixture.store.engine.read { try Migrator.installedVersion($0) }
            #expect(version == Migrator.currentVersion)
        }
    }

    private struct NotExpected: Error {}

    private static let never: @Sendable (Upgrade.Step) async throws -> String = { _ in throw NotExpected() }
}
