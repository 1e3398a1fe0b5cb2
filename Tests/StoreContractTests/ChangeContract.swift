// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import SQL
import Store
import TestSupport
import Testing

@Suite("Promise 4: changes come from the database")
struct ChangeContract {
    @Test(arguments: TestEngine.allCases)
    func onlyWhatChangedIsNamed(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let first = try await fixture.store.addFaculty("Dr. A").value
            let second = try await fixture.store.addFaculty("Dr. B")
            try await fixture.store.write { try OverrideRepository($0).set(.busy, until: nil, for: first) }
            let changes = try await fixture.store.read { try CardRepository($0).changes(since: second.revision) }
            #expect(changes.cards.map(\.id) == [first])
            #expect(changes.cards.first?.availability.state == .busy)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func anArchivedFacultyMemberLeavesTheBoard(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let added = try await fixture.store.addFaculty("Dr. A")
            let archived = try await fixture.store.write { try FacultyRepository($0).archive(added.value) }
            #expect(archived.value)
            let changes = try await fixture.store.read { try CardRepository($0).changes(since: added.revision) }
            #expect(changes.cards.isEmpty)
            #expect(changes.removed == [added.value: archived.revision])
        }
    }

    @Test(arguments: TestEngine.allCases)
    func aRowDeletedByHandIsNamedAsRemoved(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let added = try await fixture.store.addFaculty("Dr. A")
            try await fixture.store.write { try $0.connection.execute("DELETE FROM faculty WHERE id = \(added.value)") }
            let changes = try await fixture.store.read { try CardRepository($0).changes(since: added.revision) }
            #expect(changes.removed.keys.map(\.self) == [added.value])
        }
    }

    @Test(arguments: TestEngine.allCases)
    func writingTheSameValuesAgainChangesNothing(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let added = try await fixture.store.addFaculty("Dr. A")
            let again = try await fixture.store.write { transaction in
                try transaction.connection.execute("UPDATE faculty SET name = 'Dr. A' WHERE id = \(added.value)")
            }
            #expect(again.revision == added.revision)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func onlyAChangeInWhoWaitsTouchesTheCard(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let faculty = try await fixture.store.addFaculty("Dr. A").value
            let asked = try await fixture.store.addConsultation(1, for: faculty)
            #expect(try await fixture.store.card(faculty)?.waiting == 1)
            let shown = try await fixture.store.write { transaction in
                try transaction.connection.execute("UPDATE consultation SET shown_at = 5 WHERE id = 1")
            }
            #expect(shown.revision == asked.revision)
            let answered = try await fixture.store.write { transaction in
                try transaction.connection.execute("UPDATE consultation SET status = 'accepted' WHERE id = 1")
            }
            #expect(answered.revision > shown.revision)
            #expect(try await fixture.store.card(faculty)?.waiting == 0)
        }
    }

    /// The database refuses a value of another type at the write: accepted, it would stop every screen at the read.
    @Test(arguments: TestEngine.shared)
    func anOutsidersMistakeIsRefusedAtOnce(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            try await fixture.store.addFaculty("Dr. A", id: FacultyID(7))
            for mistake in [
                "INSERT INTO override (faculty_id, word, set_at) VALUES (7, 'busy', 'today')",
                "INSERT INTO presence VALUES (7, 'present', 1, 'hearsay', NULL, 1, 1, 1)",
                "UPDATE faculty SET id = 8 WHERE id = 7",
            ] {
                await #expect(throws: OutsiderError.self) { try await fixture.outside(mistake) }
            }
            try await fixture.store.addFaculty("Dr. B")
        }
    }

    @Test(arguments: TestEngine.shared)
    func everybodyKeepsARowOfWhatIsShown(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let id = try await fixture.store.addFaculty("Dr. A").value
            _ = try await fixture.outside("DELETE FROM availability")
            try await fixture.store.write { _ in }
            #expect(try await fixture.store.card(id)?.availability.state == .unknown)
        }
    }

    /// The shell's transaction has as many revisions as rows, and no revision is lost or repeated.
    @Test(arguments: TestEngine.shared)
    func anOutsidersCommitHasRevisionsAndMarksWhoIsDue(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let added = try await fixture.store.addFaculty("Dr. A")
            let versionBefore = try await fixture.store.outsideVersion()
            _ = try await fixture.outside("UPDATE faculty SET room = '7' WHERE id = \(added.value)")
            try await eventually("the outsider's commit is noticed") {
                try await fixture.store.outsideVersion() != versionBefore
            }
            _ = try await fixture.outside(
                "INSERT INTO override (faculty_id, word, set_at) VALUES (\(added.value), 'out', 1)")
            let changes = try await fixture.store.read { try CardRepository($0).changes(since: added.revision) }
            #expect(changes.isIncomplete)
            #expect(changes.revision > added.revision)
            let ours = try await fixture.store.write { _ in }
            #expect(ours.revision > changes.revision)
            let card = try await fixture.store.card(added.value)
            #expect(card?.availability.state == .out)
            #expect(card?.profile.room == "7")
        }
    }
}

extension Store {
    func addConsultation(
        _ number: Int64, for faculty: FacultyID, status: ConsultationStatus = .pending
    ) async throws -> Committed<Void> {
        try await write { transaction in
            let repository = ConsultationRepository(transaction)
            let student = try #require(StudentID(number))
            let id = try #require(ConsultationID(number))
            try repository.addStudent(id: student, number: "S\(number)", name: "Ana Lim", department: "Physics")
            try repository.add(
                id: id, faculty: faculty, student: student, status: status, topic: "thesis", message: "chapter 2")
        }
    }
}
