// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import SQL
import Store
import TestSupport
import Testing

@testable import Service

@Suite("Promise 12: the timekeeper commits in small pieces, on the leader")
struct TimekeeperTests {
    private static let count: Int64 = 600

    /// Runs `body` with every person present, by a unit of their own that was heard just now.
    private func withPresentPeople(
        _ engine: TestEngine, _ body: (Timekeeper, StoreFixture) async throws -> Void
    ) async throws {
        try await withStore(engine) { fixture in
            try await fixture.store.write { transaction in
                let now = transaction.now
                for number in 1...Self.count {
                    try FacultyRepository(transaction).add(
                        FacultyProfile(name: "Dr. Person \(number)", department: "Law"), id: .number(number),
                        beacon: nil)
                    let unit = "desk-\(number)"
                    let connection = transaction.connection
                    try connection.execute(
                        "INSERT INTO desk_unit (id, dialect, faculty_id) VALUES (\(unit), 2, \(number))")
                    try connection.execute(
                        "INSERT INTO unit_link (unit_id, heard_at, tolerance) VALUES (\(unit), \(now), 3600000)")
                    try connection.execute(
                        """
                        INSERT INTO presence (faculty_id, state, since, source, unit_id, evidence_at, verified)
                        VALUES (\(number), 'present', \(now), 'beacon', \(unit), \(now), 1)
                        """)
                }
            }
            try await body(Timekeeper(store: fixture.store, logger: quietLogger), fixture)
        }
    }

    /// Has the units heard some minutes later: only the age of evidence changes on screens.
    private func hear(_ fixture: StoreFixture, after minutes: Int64) async throws {
        fixture.time.advance(by: .minutes(minutes))
        try await fixture.store.write { try $0.connection.execute("UPDATE unit_link SET heard_at = \($0.now)") }
    }

    private func revision(_ fixture: StoreFixture) async throws -> Int64 {
        try await fixture.store.read { try CardRepository($0).currentRevision().number }
    }

    private func shownNow(_ fixture: StoreFixture) async throws -> Int64 {
        let minute = fixture.store.now.flooredToMinute
        return try await fixture.store.read { transaction in
            try #require(
                try transaction.connection.first(
                    "SELECT count(*) FROM availability WHERE last_evidence = \(minute) AND state = 'available'")
            ).get(0)
        }
    }

    @Test(arguments: TestEngine.shared)
    func theAgeOfEvidenceIsCommittedAFewHundredAtATimeAndOnlyIfItDiffers(_ engine: TestEngine) async throws {
        try await withPresentPeople(engine) { timekeeper, fixture in
            try await hear(fixture, after: 5)
            let before = try await revision(fixture)
            try await timekeeper.refreshEvidence()
            let pieces = (Self.count + Timekeeper.evidencePiece - 1) / Timekeeper.evidencePiece
            #expect(try await revision(fixture) == before + pieces)
            #expect(try await shownNow(fixture) == Self.count)
            try await timekeeper.refreshEvidence()
            #expect(try await revision(fixture) == before + pieces, "the second pass finds nothing to write")
        }
    }

    @Test func aStandbyLeavesItToTheLeaderUntilTwoPassesAreMissing() async throws {
        try await withPresentPeople(.sqliteFile) { timekeeper, fixture in
            fixture.store.take(.standingBy)
            try await hear(fixture, after: 9)
            let before = try await revision(fixture)
            try await timekeeper.refreshEvidence()
            #expect(try await revision(fixture) == before)
            try await hear(fixture, after: 3)
            try await timekeeper.refreshEvidence()
            #expect(try await shownNow(fixture) == Self.count)
        }
    }

    @Test(arguments: TestEngine.shared)
    func theLeaderAloneRemovesOldRowsWithoutARevision(_ engine: TestEngine) async throws {
        try await withPresentPeople(engine) { timekeeper, fixture in
            try await fixture.store.write { transaction in
                for unit in 1...Self.count {
                    let boots = (0..<10).map { boot -> [SQLValue] in
                        [.text("desk-\(unit)"), .text("0000000\(boot)"), .text("1"), transaction.now.sqlValue]
                    }
                    try transaction.connection.execute(
                        "INSERT INTO unit_boot (unit_id, boot, seen, opened_at) VALUES \(rows: boots)")
                    try transaction.connection.execute(
                        """
                        INSERT INTO refusal_sample (unit, reason, at, topic, payload)
                        VALUES (\("desk-\(unit)"), 'bad-json', \(transaction.now), 't', 'p')
                        """)
                }
            }
            fixture.time.advance(by: RefusalRepository.samplesKeptFor + .minutes(1))
            // Every unit is silent by then.
            while try await fixture.store.read({ try AvailabilityRepository($0).isAnybodyDue() }) {
                try await fixture.store.write { _ in }
            }
            let before = try await revision(fixture)
            fixture.store.take(.standingBy)
            try await timekeeper.forget()
            #expect(try await counts(fixture) == [Self.count * 10, Self.count])
            fixture.store.beginTerm(named: "first")
            try await timekeeper.forget()
            #expect(try await counts(fixture) == [Self.count * WorldRepository.rememberedBoots, 0])
            #expect(try await revision(fixture) == before)
        }
    }

    private func counts(_ fixture: StoreFixture) async throws -> [Int64] {
        try await fixture.store.read { transaction in
            let row = try #require(
                try transaction.connection.first(
                    "SELECT (SELECT count(*) FROM unit_boot), (SELECT count(*) FROM refusal_sample)"))
            return [try row.get(0), try row.get(1)]
        }
    }
}
