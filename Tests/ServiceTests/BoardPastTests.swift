// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Randomness
import SQL
import Store
import TestSupport
import Testing

@testable import Service

@Suite("The board: a replaced database")
struct BoardPastTests {
    /// Runs `body` with a board that shows persons 1 and 2.
    private func withBoard(
        _ engine: TestEngine, _ body: (Board, StoreFixture) async throws -> Void
    ) async throws {
        try await withStore(engine) { fixture in
            for number in 1...2 as ClosedRange<Int64> {
                try await fixture.store.write { transaction in
                    _ = try FacultyRepository(transaction).add(
                        FacultyProfile(name: "Dr. Person \(number)", department: "Law"), id: FacultyID(number),
                        beacon: BeaconAddress("AA:BB:CC:DD:EE:0\(number)"))
                }
            }
            try await body(try await Board(store: fixture.store, logger: quietLogger), fixture)
        }
    }

    /// Restores the first person's state without the store's knowledge.
    private func goBack(_ fixture: StoreFixture) async throws {
        try await fixture.store.engine.write { connection in
            try connection.execute("DELETE FROM faculty WHERE id = 2")
            try connection.execute("UPDATE revision SET n = 1")
        }
    }

    private func lineage(_ fixture: StoreFixture) async throws -> Lineage {
        try await fixture.store.read { try Meta.lineage($0.connection) }
    }

    @Test(arguments: [TestEngine.sqliteFile, .postgreSQL])
    func itsNumbersGetALineageOfTheirOwnAndEveryScreenStartsAfresh(_ engine: TestEngine) async throws {
        try await withBoard(engine) { board, fixture in
            let before = board.snapshot
            let subscription = board.subscribe(department: nil, after: before.tag) {}
            defer { subscription.cancel() }
            try await goBack(fixture)
            #expect(await board.refresh())
            let after = board.snapshot
            #expect(after.lineage != before.lineage)
            #expect(try await lineage(fixture) == after.lineage)
            #expect(after.revision < before.revision)
            #expect(try after.card(of: #require(FacultyID(1))) != nil)
            #expect(try after.card(of: #require(FacultyID(2))) == nil)
            #expect(subscription.nextFrame()?.kind == .reset)
            #expect(subscription.nextFrame()?.kind == .snapshot)
            #expect(board.failingSince == nil)
            #expect(fixture.store.lastCommitted == after.revision)
            // A further refresh changes nothing.
            #expect(await board.refresh())
            #expect(board.snapshot.tag == after.tag)
        }
    }

    @Test func theBoardCountsAsFailingUntilTheDatabaseHasANewLineage() async throws {
        try await withBoard(.sqliteFile) { board, fixture in
            let before = board.snapshot
            try await goBack(fixture)
            fixture.faults.failNextWrites([SQLError(code: .storage, message: "no space is left")])
            #expect(await !board.refresh())
            #expect(board.failingSince != nil)
            #expect(board.snapshot.tag == before.tag)
            #expect(await board.refresh())
            #expect(board.failingSince == nil)
            #expect(board.snapshot.lineage != before.lineage)
        }
    }

    /// The server's identity reveals a copy that has replaced the table, although its number is no lower.
    @Test func aCopyIsToldByWhatTheServerSaysOfIt() async throws {
        try await withBoard(.postgreSQL) { board, fixture in
            let before = board.snapshot
            try await fixture.store.adoptTimeline(newLineage: before.lineage)
            #expect(await board.refresh())
            #expect(board.snapshot.lineage == before.lineage)
            try await fixture.store.write { try Meta.set("timeline", "another-00000001-1-2", $0.connection) }
            #expect(await board.refresh())
            #expect(board.snapshot.lineage != before.lineage)
            #expect(try board.snapshot.card(of: #require(FacultyID(2))) != nil)
        }
    }

    /// An earlier version stored only the cluster and its timeline; that still means the same history.
    @Test func aNoteOfAFormerVersionIsOfTheSamePast() async throws {
        try await withBoard(.postgreSQL) { board, fixture in
            var generator = SeededGenerator(seed: 3)
            let before = try await lineage(fixture)
            let found = try #require(try await fixture.store.read { try $0.connection.timeline() })
            let former = found.split(separator: "-").prefix(2).joined(separator: "-")
            try await fixture.store.write { try Meta.set("timeline", former, $0.connection) }
            #expect(await board.refresh())
            try await fixture.store.adoptTimeline(newLineage: Lineage(using: &generator))
            #expect(try await lineage(fixture) == before)
            #expect(try await fixture.store.read { try Meta.value("timeline", $0.connection) } == found)
        }
    }
}
