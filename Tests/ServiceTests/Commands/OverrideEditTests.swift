// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Foundation
import HashTreeCollections
import Service
import Store
import TestSupport
import Testing

@Suite("Overrides: a person's edit and a machine's")
struct OverrideEditTests {
    /// A service whose writes the test holds: the first one, and after each conflict the next, until `rivals` edits
    /// have come between. So the number of injected conflicts is exact, and no wait depends on timing.
    private struct Disturbed: Sendable {
        let statuses: StatusCommands
        let outcomes = Noted<RetryingEdit.Outcome>()
        private let fixture: ServiceFixture
        private let rivals: Int

        init(_ fixture: ServiceFixture, rivals: Int) {
            self.fixture = fixture
            self.rivals = rivals
            let edit = RetryingEdit(
                store: fixture.store,
                retry: CommitBackoff { [outcomes] _ in
                    if outcomes.list.count < rivals { fixture.faults.hold() }
                    return 1
                }, count: { [outcomes] in outcomes.note($0) })
            statuses = commands(over: fixture.store, retrying: edit).statuses
        }

        /// Presses the button; each rival edits while a write is held.
        func press(_ word: OverrideWord) async throws -> Revision {
            if rivals > 0 { fixture.faults.hold() }
            defer { fixture.faults.release() }
            // The task is awaited below; if no write is held, the release above lets it end.
            let button = Task { try await statuses.setOverride(word, until: nil, for: .number(1)) }
            for _ in 0..<rivals {
                let held = Noted<Bool>()
                // The task ends with the hold that it waits for.
                Task {
                    await fixture.faults.writeIsHeld()
                    held.note(true)
                }
                try await eventually("a write that is held") { !held.list.isEmpty }
                try await OverrideEditTests.rival(.out, fixture)
                fixture.faults.release()
            }
            return try await button.value
        }
    }

    /// Edits the same row as an operator at the shell would, between a button's reading and its writing.
    private static func rival(_ word: OverrideWord, _ fixture: ServiceFixture) async throws {
        _ = try await outsider(
            """
            INSERT INTO override (faculty_id, word, set_at) VALUES (1, '\(word.rawValue)', 5)
            ON CONFLICT (faculty_id) DO UPDATE SET word = excluded.word, version = override.version + 1
            """, on: try #require(fixture.file))
    }

    @Test(arguments: 0...4)
    func aButtonsWordStandsAfterSoManyRivals(_ rivals: Int) async throws {
        try await withStillService { fixture in
            let disturbed = Disturbed(fixture, rivals: rivals)
            let committed = try await disturbed.press(.busy)
            let standing = try await fixture.store.read { try OverrideRepository($0).find(.number(1)) }
            #expect(standing?.value.word == .busy)
            #expect(standing?.version == Int64(rivals + 1))
            #expect(try await fixture.store.read { try CardRepository($0).currentRevision() } == committed)
            #expect(disturbed.outcomes.list == Array(repeating: .retried, count: rivals))
        }
    }

    @Test func aButtonsFifthConflictIsReported() async throws {
        try await withStillService { fixture in
            let disturbed = Disturbed(fixture, rivals: RetryingEdit.attemptLimit)
            let conflict = try await #require(throws: VersionConflict<Override>.self) {
                _ = try await disturbed.press(.busy)
            }
            #expect(conflict.wanted?.word == .busy)
            #expect(conflict.standing?.value.word == .out)
            #expect(disturbed.outcomes.list == [.retried, .retried, .retried, .retried, .exhausted])
            let standing = try await fixture.store.read { try OverrideRepository($0).find(.number(1)) }
            #expect(standing?.value.word == .out)
        }
    }

    @Test func aMachineDecidesFromTheStoredState() async throws {
        try await withService { fixture in
            let toggle = { @Sendable (standing: Override?) -> OverrideEdit? in
                standing?.word == .busy ? .clear : .set(.busy, .open)
            }
            for state in [AvailabilityState.busy, .unknown, .busy, .unknown] {
                let revision = try await fixture.commands.statuses.changeOverride(of: .number(1), toggle)
                let card = await fixture.board.snapshot(atLeast: revision, within: .seconds(20))?.cards[.number(1)]
                #expect(card?.availability.state == state)
            }
            let before = try await fixture.store.read { try CardRepository($0).currentRevision() }
            // Clearing a missing override and deciding on no change both leave everything as it is.
            #expect(try await fixture.commands.statuses.changeOverride(of: .number(1)) { _ in .clear } == before)
            #expect(try await fixture.commands.statuses.changeOverride(of: .number(1)) { _ in nil } == before)
        }
    }

    @Test func anUnknownOrArchivedPersonHasNoOverride() async throws {
        try await withService { fixture in
            _ = try await fixture.store.write { try FacultyRepository($0).archive(.number(2)) }
            for id in [FacultyID.number(2), .number(99)] {
                await #expect(throws: FacultyError.unknown(id)) {
                    _ = try await fixture.commands.statuses.setOverride(.busy, until: nil, for: id)
                }
            }
            let past = fixture.time.now() - .minutes(1)
            await #expect(throws: PeopleError.endHasPassed(past)) {
                _ = try await fixture.commands.statuses.setOverride(.busy, until: past, for: .number(1))
            }
        }
    }

    /// A person sees both sides, and no retry is made for them.
    @Test func aPersonsConflictShowsBothSidesAndWritesNothing() async throws {
        try await withStore(.sqliteInMemory) { fixture in
            let people = commands(over: fixture.store).people
            let id = try await people.add(
                FacultyEntry(profile: FacultyProfile(name: "Dr. Ana Reyes", department: "Law"))
            ).value.id
            let seen = try #require(try await people.setOverride(.set(.busy, .open), of: id).value)
            try await people.setOverride(.set(.out, .open), of: id, expecting: .exactly(seen.version))
            let conflict = try await #require(throws: VersionConflict<Override>.self) {
                try await people.setOverride(.set(.away, .open), of: id, expecting: .exactly(seen.version))
            }
            #expect(conflict.wanted?.word == .away)
            #expect(conflict.standing?.value.word == .out)
            await #expect(throws: VersionConflict<Override>.self) {
                try await people.setOverride(.clear, of: id, expecting: .exactly(seen.version))
            }
            #expect(try await fixture.store.read { try OverrideRepository($0).find(id)?.value.word } == .out)
        }
    }

    @Test func aPersonsConflictOverAProfileOrAUnitShowsBothSides() async throws {
        try await withStore(.sqliteInMemory) { fixture in
            let people = commands(over: fixture.store).people
            let units = commands(over: fixture.store).units
            var ids: [FacultyID] = []
            for name in ["Dr. Ana Reyes", "Ben Cruz"] {
                let entry = FacultyEntry(profile: FacultyProfile(name: name, department: "Law"))
                ids.append(try await people.add(entry).value.id)
            }
            #expect(try await people.change(ids[0], [.room: "A-1"], expecting: .exactly(1)).value == 2)
            let profile = try await #require(throws: VersionConflict<FacultyRepository.Content>.self) {
                try await people.change(ids[0], [.room: "B-2"], expecting: .exactly(1))
            }
            #expect(profile.wanted?.profile.room == "B-2")
            #expect(profile.standing?.value.profile.room == "A-1")
            await #expect(throws: VersionConflict<FacultyRepository.Content>.self) {
                try await people.archive(ids[0], expecting: .exactly(1))
            }
            let desk = try #require(UnitID("desk-1"))
            try await units.add(desk, faculty: ids[0])
            #expect(try await units.assign(desk, to: ids[1], expecting: .exactly(1)).value == 2)
            let unit = try await #require(throws: VersionConflict<UnitRepository.Assignment>.self) {
                try await units.assign(desk, to: nil, expecting: .exactly(1))
            }
            #expect(unit.wanted == .init(faculty: nil))
            #expect(unit.standing?.value.faculty == ids[1])
        }
    }
}

/// Runs `body` like `withService`, but nothing else writes, so every held write is the test's own.
private func withStillService<Value: Sendable>(
    _ body: @Sendable (ServiceFixture) async throws -> Value
) async throws -> Value {
    try await withStore(.sqliteFile) { fixture in
        try await fixture.store.write { transaction in
            try FacultyRepository(transaction).add(
                FacultyProfile(name: "Dr. Person", department: "Law"), id: .number(1), beacon: nil)
        }
        let board = try await Board(store: fixture.store, logger: quietLogger)
        let ingest = Ingest(
            store: fixture.store, logger: quietLogger, queueLimit: 16, retry: CommitBackoff { _ in 1 })
        return try await body(
            ServiceFixture(
                store: fixture.store, board: board, ingest: ingest,
                commands: commands(over: fixture.store),
                time: fixture.time, faults: fixture.faults, file: fixture.file))
    }
}
