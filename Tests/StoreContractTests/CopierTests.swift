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

/// Counts events on any thread.
private final class Count: Sendable {
    private let number = Atomic(0)

    var value: Int { number.load(ordering: .relaxed) }

    func next() -> Int { number.add(1, ordering: .relaxed).newValue }
}

@Suite("O6: a database is copied, and the copy is proved")
struct CopierTests {
    @Test(arguments: CopyRoute.all, [42] as [UInt64])
    func everyRowOfEveryTableArrives(_ route: CopyRoute, _ seed: UInt64) async throws {
        try await withStore(route.source) { fixture in
            // The rows fill more than two chunks.
            try await fixture.store.populate(seed: seed, people: 1201)
            try await withEmptyDatabase(route.target) { target in
                let steps = Mutex<[Copier.Progress]>([])
                let result = try await Copier(from: fixture.store.engine, to: target).run(plan()) { step in
                    steps.withLock { $0.append(step) }
                }
                let arrived = try await contents(target)
                #expect(try await arrived == contents(fixture.store.engine), "seed \(seed)")
                #expect(arrived.values.allSatisfy { !$0.isEmpty })
                #expect(result.revision == fixture.store.lastCommitted)
                #expect(result.tables.first { $0.table == "faculty" }?.rows == 1201)
                #expect(steps.withLock { $0.last.map { $0.rows == $0.total && $0.rows == result.rows } } == true)
                #expect(steps.withLock { $0.map(\.rows) == $0.map(\.rows).sorted() })
            }
        }
    }

    @Test(arguments: CopyRoute.all)
    func theCopyGoesOnWithALineageOfItsOwnAndGreaterRevisionsAndIDs(_ route: CopyRoute) async throws {
        try await withStore(route.source) { fixture in
            try await fixture.store.populate(seed: 2, people: 3)
            try await withEmptyDatabase(route.target) { target in
                let result = try await Copier(from: fixture.store.engine, to: target).run(plan())
                let copy = try await Store(engine: target, time: fixture.time)
                #expect(result.sourceLineage == fixture.store.lineage)
                #expect(copy.lineage == secondLineage)
                let before = try await copy.read { try CardRepository($0).currentRevision() }
                #expect(before == fixture.store.lastCommitted)
                // The triggers are back: a change has a revision, marks its person, and what is shown is computed.
                let id = try #require(FacultyID(2))
                let written = try await copy.write { try OverrideRepository($0).set(.out, until: nil, for: id) }
                #expect(written.revision == Revision(before.number + 1))
                let changes = try await copy.read { try CardRepository($0).changes(since: before) }
                #expect(changes.cards.map(\.availability.state) == [.out])
                // Three samples were copied with the ids 1 to 3.
                let ids = try await copy.write { transaction in
                    try transaction.connection.query(
                        """
                        INSERT INTO refusal_sample (unit, reason, at, topic, payload) VALUES ('', 'r', 1, 't', 'p')
                        RETURNING id
                        """
                    ).map { try $0.get(0, as: Int64.self) }
                }.value
                #expect(ids == [4])
            }
        }
    }

    @Test func theSchemaOfTheCopyIsTheSourcesToTheLetter() async throws {
        try await withStore { fixture in
            try await fixture.store.populate(seed: 2, people: 1)
            let target = try SQLiteEngine.inMemory()
            _ = try await Copier(from: fixture.store.engine, to: target).run(plan())
            let schema: @Sendable (any Connection) throws -> [SQLRow] = { connection in
                try connection.query("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name")
            }
            #expect(try await target.read(schema) == fixture.store.engine.read(schema))
            try target.close()
        }
    }

    @Test(arguments: TestEngine.shared)
    func writersGoOnAndNoneOfTheirTransactionsIsHalfInTheCopy(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            try await fixture.store.populate(seed: 3, people: 1500)
            let target = try SQLiteEngine.inMemory()
            let store = fixture.store
            let during = Count()
            // The copier calls this between two chunks: each time another transaction commits two rows, and removes one
            // far ahead.
            let result = try await Copier(from: store.engine, to: target).run(plan()) { _ in
                let gate = Gate()
                Task {
                    defer { gate.open() }
                    let number = Int64(during.next())
                    _ = try? await store.write { transaction in
                        for id in [10_000 + number, 20_000 + number] {
                            try transaction.connection.execute(
                                """
                                INSERT INTO faculty (id, name, surname, department) VALUES (\(id), 'N', 'N', 'D')
                                """)
                        }
                        try transaction.connection.execute("DELETE FROM faculty WHERE id = \(1500 - number)")
                    }
                }
                gate.wait()
            }
            #expect(during.value > 5)
            #expect(store.lastCommitted.number > result.revision.number + 5)
            #expect(result.tables.first { $0.table == "faculty" }?.rows == 1500)
            let orphans = try await target.read { try $0.query("PRAGMA foreign_key_check") }
            #expect(orphans.isEmpty)
            try target.close()
        }
    }

    @Test(arguments: TestEngine.allCases)
    func aTargetWithRowsIsRefusedAndLeftAlone(_ engine: TestEngine) async throws {
        try await withStore { fixture in
            try await fixture.store.populate(seed: 4, people: 2)
            try await withStore(engine) { other in
                try await other.store.addFaculty("Dr. Here Already")
                let before = try await contents(other.store.engine)
                let error = await #expect(throws: CopyError.self) {
                    _ = try await Copier(from: fixture.store.engine, to: other.store.engine).run(plan())
                }
                #expect(error?.code == .notEmpty)
                #expect(try await contents(other.store.engine) == before)
                #expect(try await lineage(other.store.engine) == other.store.lineage)
                _ = try await Copier(from: fixture.store.engine, to: other.store.engine).run(plan(replaces: true))
                #expect(try await contents(other.store.engine) == contents(fixture.store.engine))
            }
        }
    }

    @Test(arguments: TestEngine.allCases)
    func aDatabaseThatNobodyHasUsedYetIsEmpty(_ engine: TestEngine) async throws {
        try await withStore { fixture in
            try await fixture.store.populate(seed: 5, people: 2)
            try await withStore(engine) { other in
                try await other.store.write { try Meta.set("mqtt_client_id", "made at the first start", $0.connection) }
                _ = try await Copier(from: fixture.store.engine, to: other.store.engine).run(plan())
                #expect(try await contents(other.store.engine) == contents(fixture.store.engine))
            }
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: TestEngine.allCases)
    func aFailureAtCommitLeavesNothingBehind(_ engine: TestEngine) async throws {
        try await withStore { fixture in
            try await fixture.store.populate(seed: 6, people: 1300)
            try await withEmptyDatabase(engine) { empty in
                let target = FaultyEngine(empty)
                target.failNextCommits([SQLError(code: .storage, message: "disk full")])
                let copier = Copier(from: fixture.store.engine, to: target)
                let error = await #expect(throws: SQLError.self) { _ = try await copier.run(plan()) }
                #expect(error?.code == .storage)
                #expect(try await isUntouched(target))
                _ = try await copier.run(plan())
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func aWriterThatNeverBeginsFreesTheReader() async throws {
        try await withStore { fixture in
            try await fixture.store.populate(seed: 7, people: 3000)
            let target = FaultyEngine(try SQLiteEngine.inMemory())
            target.failNextWrites([SQLError(code: .busy, message: "busy")])
            let error = await #expect(throws: SQLError.self) {
                _ = try await Copier(from: fixture.store.engine, to: target).run(plan())
            }
            #expect(error?.code == .busy)
            try target.close()
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func aSourceThatIsNoneFreesTheWriter() async throws {
        let target = try SQLiteEngine.inMemory()
        let error = await #expect(throws: CopyError.self) {
            _ = try await Copier(from: try SQLiteEngine.inMemory(), to: target).run(plan())
        }
        #expect(error?.code == .unknownSchema)
        try target.close()
    }

    @Test(.timeLimit(.minutes(5)), arguments: TestEngine.allCases)
    func aCancelledCopyEndsAndLeavesNothingBehind(_ engine: TestEngine) async throws {
        try await withStore { fixture in
            try await fixture.store.populate(seed: 8, people: 3000)
            let source = fixture.store.engine
            try await withEmptyDatabase(engine) { target in
                let (begun, begin) = AsyncStream.makeStream(of: Void.self)
                let held = Gate()
                let copy = Task {
                    try await Copier(from: source, to: target).run(plan()) { _ in
                        begin.yield()
                        held.wait()
                    }
                }
                for await _ in begun { break }
                copy.cancel()
                for _ in 0..<1000 { held.open() }
                await #expect(throws: CancellationError.self) { _ = try await copy.value }
                let untouched = try await isUntouched(target)
                #expect(untouched)
            }
        }
    }

    @Test func tablesOfOthersAreNamed() async throws {
        try await withStore { fixture in
            _ = try await outsider("CREATE TABLE reading_room (a)", on: try #require(fixture.file))
            let target = try SQLiteEngine.inMemory()
            let result = try await Copier(from: fixture.store.engine, to: target).run(plan())
            #expect(result.otherTables == ["reading_room"])
            try target.close()
        }
    }

    @Test func aRowThatTheTargetLosesIsSeen() async throws {
        try await withStore { fixture in
            try await fixture.store.populate(seed: 9, people: 3)
            let target = try SQLiteEngine.inMemory()
            let error = await #expect(throws: CopyError.self) {
                _ = try await Copier(from: fixture.store.engine, to: target).run(plan()) { _ in
                } finish: { connection, _ in
                    try connection.script("UPDATE faculty SET room = 'elsewhere' WHERE id = 2")
                }
            }
            #expect(error?.code == .differs)
            #expect(error?.description.contains("faculty") == true)
            try target.close()
        }
    }
}
