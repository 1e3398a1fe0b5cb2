// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Foundation
import Randomness
import SQL
import SQLite
import Store
import TestSupport
import Testing

@Suite("O3: a backup is one file that can be verified")
struct CopyBackupTests {
    private static let origin = BackupManifest.Origin(
        madeAt: Timestamp(milliseconds: 1_795_507_200_000), source: .sqlite, program: "0.1.0",
        files: [.init(name: "broker/passwords", content: Array("desk-7:$7$101$salt$hash\n".utf8))])

    /// Makes a backup of a populated store in a folder, and passes its path to `body`.
    private func withBackup(
        of engine: TestEngine = .sqliteFile, seed: UInt64 = 1, people: Int64 = 20,
        _ body: (StoreFixture, URL, String) async throws -> Void
    ) async throws {
        try await withTemporaryFolder { folder in
            try await withStore(engine) { fixture in
                try await fixture.store.populate(seed: seed, people: people)
                let (file, path) = try portable(folder)
                _ = try await Backup.make(of: fixture.store.engine, into: file, Self.origin)
                try file.close()
                try await body(fixture, folder, path)
            }
        }
    }

    private func verify(_ path: String) async throws -> BackupManifest {
        let file = try await Backup.readable { try SQLiteEngine.readOnly(at: path) }
        defer { try? file.close() }  // Only read.
        return try await Backup.verify(file)
    }

    @Test(arguments: TestEngine.shared)
    func itSaysWhatIsInItAndHoldsAllOfIt(_ engine: TestEngine) async throws {
        try await withBackup(of: engine) { fixture, folder, path in
            let manifest = try await verify(path)
            #expect(manifest.lineage == fixture.store.lineage)
            #expect(manifest.revision == fixture.store.lastCommitted)
            #expect(manifest.schema == Migrator.currentVersion)
            #expect(manifest.files == Self.origin.files)
            #expect(manifest.tables.first { $0.table == "faculty" }?.rows == 20)
            // The backup is a single file, which can be moved.
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["copy"])
            let target = try SQLiteEngine.inMemory()
            let file = try SQLiteEngine.readOnly(at: path)
            let result = try await Backup.unpack(file, manifest, into: target, plan())
            #expect(result.lineage == secondLineage)
            #expect(result.otherTables == [])
            #expect(try await contents(target) == contents(fixture.store.engine))
            try target.close()
            try file.close()
        }
    }

    /// After any change of the bytes, either the check reports it, or the backed-up content is unchanged.
    @Test(arguments: [5, 77] as [UInt64])
    func aFlippedBitIsToldOrWithoutEffect(_ seed: UInt64) async throws {
        try await withBackup(seed: seed, people: 60) { fixture, folder, path in
            var generator = SeededGenerator(seed: seed)
            let original = [UInt8](try Data(contentsOf: URL(filePath: path)))
            let expected = try await contents(fixture.store.engine)
            var told = 0
            for attempt in 0..<120 {
                var bytes = original
                let position = Int.random(in: 0..<bytes.count, using: &generator)
                bytes[position] ^= UInt8(1) << UInt8.random(in: 0..<8, using: &generator)
                let spoilt = folder.appending(path: "spoilt-\(attempt)")
                try Data(bytes).write(to: spoilt)
                do {
                    let manifest = try await verify(spoilt.path)
                    #expect(manifest.files == Self.origin.files)
                    let file = try SQLiteEngine.readOnly(at: spoilt.path)
                    #expect(try await contents(file) == expected, "seed \(seed), byte \(position)")
                    try file.close()
                } catch {
                    told += 1
                }
                try FileManager.default.removeItem(at: spoilt)
            }
            #expect(told > 20, "seed \(seed): the bits must hit something")
        }
    }

    @Test(arguments: [0, 1, 100, 4096, 20_000, -1])
    func aFileThatIsCutShortIsRefused(_ length: Int) async throws {
        try await withBackup(people: 200) { _, folder, path in
            let whole = try Data(contentsOf: URL(filePath: path))
            let cut = folder.appending(path: "cut")
            try whole.prefix(length < 0 ? whole.count + length : length).write(to: cut)
            let error = await #expect(throws: CopyError.self) { _ = try await verify(cut.path) }
            #expect(error?.code == .damaged)
        }
    }

    @Test func anotherDatabaseIsNoBackup() async throws {
        try await withStore { fixture in
            let file = try #require(fixture.file).path
            let error = await #expect(throws: CopyError.self) { _ = try await verify(file) }
            #expect(error?.description.contains("no backup") == true)
        }
    }

    @Test(arguments: [
        "UPDATE faculty SET room = 'x' WHERE id = 3", "DELETE FROM refusal_sample WHERE id = 1",
        "UPDATE backup SET value = '7' WHERE key = 'revision'", "DELETE FROM backup_file",
        "UPDATE backup_table SET rows = 0 WHERE name = 'beacon'", "UPDATE backup SET value = 'x' WHERE key = 'seal'",
        "INSERT INTO meta VALUES ('a', 'b')",
    ])
    func aLaterChangeIsSeen(_ change: String) async throws {
        try await withBackup { _, _, path in
            _ = try await outsider(
                "DROP TRIGGER faculty_changed; DROP TRIGGER faculty_added; \(change)", on: URL(filePath: path))
            let error = await #expect(throws: CopyError.self) { _ = try await verify(path) }
            #expect(error?.code == .damaged)
        }
    }

    @Test func unpackingRefusesWhatVerifyingMissed() async throws {
        try await withBackup { _, _, path in
            let manifest = try await verify(path)
            _ = try await outsider("UPDATE student SET name = 'x'", on: URL(filePath: path))
            let target = try SQLiteEngine.inMemory()
            let file = try SQLiteEngine.readOnly(at: path)
            let error = await #expect(throws: CopyError.self) {
                _ = try await Backup.unpack(file, manifest, into: target, plan())
            }
            #expect(error?.code == .damaged)
            #expect(try await isUntouched(target))
            try file.close()
            try target.close()
        }
    }

    @Test func aNewerSchemaIsRefusedWithItsRemedy() async throws {
        try await withTemporaryFolder { folder in
            try await withStore { fixture in
                let newer = Migrator.migrations + [Migrator.Migration(version: Migrator.currentVersion + 1) { _ in "" }]
                _ = try await Migrator.migrate(fixture.store.engine, lineage: fixture.store.lineage, migrations: newer)
                let (file, path) = try portable(folder)
                _ = try await Backup.make(of: fixture.store.engine, into: file, Self.origin, migrations: newer)
                try file.close()
                let error = await #expect(throws: CopyError.self) { _ = try await verify(path) }
                #expect(error?.code == .unknownSchema)
                #expect(error?.description.contains("use a newer consultease") == true)
            }
        }
    }
}
