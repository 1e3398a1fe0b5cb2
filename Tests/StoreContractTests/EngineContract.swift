// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Foundation
import SQL
import SQLite
import Store
import TestSupport
import Testing

@Suite("The engine's contract")
struct EngineContract {
    @Test func aFileCommitsWithFullDurabilityInWALMode() async throws {
        try await withStore(.sqliteFile) { fixture in
            let modes = try await fixture.store.write { transaction in
                let synchronous: Int64? = try transaction.connection.first("PRAGMA synchronous")?.get(0)
                let journal: String? = try transaction.connection.first("PRAGMA journal_mode")?.get(0)
                return (synchronous, journal)
            }.value
            #expect(modes.0 == 2)
            #expect(modes.1 == "wal")
        }
    }

    @Test(arguments: TestEngine.allCases)
    func aBrokenConstraintIsAFaultOfTheData(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let id = try await fixture.store.addFaculty("Dr. A").value
            let error = await #expect(throws: SQLError.self) {
                try await fixture.store.addFaculty("Dr. B", id: id)
            }
            #expect(error?.code == .constraint)
            #expect(error?.isTransient == false)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func valuesAreBoundAndNeverSpliced(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let name = "Robert'); DROP TABLE faculty;-- \u{1F600}"
            let id = try await fixture.store.addFaculty(name).value
            #expect(try await fixture.store.read { try FacultyRepository($0).find(id)?.profile.name } == name)
        }
    }

    /// SQLite would keep only the part before the NUL.
    @Test(arguments: TestEngine.allCases)
    func aTextWithANULIsAFaultOfTheData(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let error = await #expect(throws: SQLError.self) { try await fixture.store.addFaculty("Dr.\0A") }
            #expect(error?.code == .constraint)
        }
    }

    @Test func aFileHeldAloneIsClosedToOthersUntilItsEnd() async throws {
        try await withStore { fixture in
            let path = try #require(fixture.file).path
            #expect(throws: SQLError.self) { _ = try SQLiteEngine.alone(at: path) }
            try await fixture.store.addFaculty("Dr. A")
            try fixture.store.close()
            let alone = try SQLiteEngine.alone(at: path)
            #expect(try await alone.read { try $0.query("SELECT name FROM faculty") }.count == 1)
            for sql in ["SELECT name FROM faculty", "UPDATE faculty SET room = '7'"] {
                await #expect(throws: OutsiderError.self) { _ = try await fixture.outside(sql) }
            }
            #expect(!FileManager.default.fileExists(atPath: path + "-wal"))
            try alone.close()
            #expect(try await fixture.outside("SELECT name FROM faculty") == "Dr. A")
        }
    }

    @Test(arguments: TestEngine.shared)
    func aWriterThatWaitsInVainIsTold(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let other = try fixture.anotherEngine()
            let (held, hold) = AsyncStream.makeStream(of: Void.self)
            let (release, releaseIt) = AsyncStream.makeStream(of: Void.self)
            let holder = Task {
                try await other.write { connection in
                    try connection.execute("UPDATE revision SET ours = 0")
                    hold.yield()
                    // This blocks the other engine's own writer thread, as a long transaction of another process would.
                    let gate = Gate()
                    Task {
                        for await _ in release { break }
                        gate.open()
                    }
                    gate.wait()
                }
            }
            for await _ in held { break }
            let error = await #expect(throws: SQLError.self) { try await fixture.store.addFaculty("Dr. A") }
            #expect(error?.code == .busy)
            releaseIt.yield()
            try await holder.value
            try await fixture.store.addFaculty("Dr. A")
            try other.close()
        }
    }

    @Test(arguments: TestEngine.shared)
    func aNewerSchemaIsRefusedWithItsRemedy(_ kind: TestEngine) async throws {
        try await withStore(kind) { fixture in
            try await fixture.store.write { try Meta.set("schema", "999", $0.connection) }
            let engine = try fixture.anotherEngine()
            let error = await #expect(throws: SQLError.self) { try await Store(engine: engine, time: fixture.time) }
            #expect(error?.message.contains("use a newer consultease") == true)
            try engine.close()
        }
    }
}
