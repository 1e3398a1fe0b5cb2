// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Rules
import SQL
import Store
import TestSupport
import Testing
import Wire

@Suite("Promise 6: optimistic versions")
struct VersionContract {
    @Test(arguments: TestEngine.allCases)
    func aProfileIsChangedFromTheVersionSeenOrNotAtAll(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let id = try await fixture.store.addFaculty("Dr. A").value
            let beacon = try #require(BeaconAddress("AA:BB:CC:DD:EE:01"))
            let change = { @Sendable (name: String, beacon: BeaconAddress?, expecting: ExpectedVersion) in
                try await fixture.store.write {
                    try FacultyRepository($0).change(id, to: .named(name), beacon: beacon, expecting: expecting)
                }.value
            }
            #expect(try await change("Dr. B", nil, .exactly(1)) == 2)
            // Editing the beacon needs the profile's version.
            #expect(try await change("Dr. B", beacon, .exactly(2)) == 3)
            let before = try await fixture.store.read { try CardRepository($0).currentRevision() }
            let conflict = try await #require(throws: VersionConflict<FacultyRepository.Content>.self) {
                _ = try await change("Dr. C", nil, .exactly(2))
            }
            #expect(conflict.expected == .exactly(2))
            #expect(conflict.wanted == .init(profile: .named("Dr. C"), beacon: nil))
            #expect(conflict.standing?.value == .init(profile: .named("Dr. B"), beacon: beacon))
            #expect(conflict.standing?.version == 3)
            let stored = try await fixture.store.read { try FacultyRepository($0).find(id) }
            #expect(stored?.profile == .named("Dr. B"))
            #expect(stored?.beacon == beacon)
            #expect(try await fixture.store.read { try CardRepository($0).currentRevision() } == before)
            // An edit without a change does nothing; an edit that names no version succeeds.
            #expect(try await change("Dr. B", beacon, .any) == 3)
            #expect(try await change("Dr. D", nil, .any) == 4)
            let nobody = try #require(FacultyID(99))
            let missing = try await fixture.store.write {
                try FacultyRepository($0).change(nobody, to: .named("X"), beacon: nil, expecting: .exactly(1))
            }.value
            #expect(missing == nil)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func anArchiveFromAStaleViewIsAConflict(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let id = try await fixture.store.addFaculty("Dr. A").value
            try await fixture.store.write { try FacultyRepository($0).change(id, to: .named("Dr. B"), beacon: nil) }
            let conflict = try await #require(throws: VersionConflict<FacultyRepository.Content>.self) {
                _ = try await fixture.store.write { try FacultyRepository($0).archive(id, expecting: .exactly(1)) }
            }
            #expect(conflict.wanted?.isArchived == true)
            #expect(conflict.standing?.value.isArchived == false)
            #expect(try await fixture.store.read { try FacultyRepository($0).find(id)?.archivedAt } == nil)
            let archived = try await fixture.store.write {
                try FacultyRepository($0).archive(id, expecting: .exactly(2))
            }
            #expect(archived.value)
            #expect(try await fixture.store.read { try FacultyRepository($0).find(id)?.version } == 3)
            #expect(try await fixture.store.write { try FacultyRepository($0).archive(id) }.value == false)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func anOverrideIsSetOnlyOnWhatWasSeen(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let id = try await fixture.store.addFaculty("Dr. A").value
            let set = { @Sendable (word: OverrideWord, until: Timestamp?, expecting: ExpectedVersion) in
                try await fixture.store.write {
                    try OverrideRepository($0).set(word, until: until, for: id, expecting: expecting)
                }.value
            }
            let none = try await #require(throws: VersionConflict<Override>.self) {
                _ = try await set(.busy, nil, .exactly(1))
            }
            #expect(none.wanted?.word == .busy)
            #expect(none.standing == nil)
            #expect(try await set(.busy, nil, .absent) == 1)
            let appeared = try await #require(throws: VersionConflict<Override>.self) {
                _ = try await set(.out, nil, .absent)
            }
            #expect(appeared.standing?.value.word == .busy)
            #expect(appeared.standing?.version == 1)
            #expect(try await set(.away, nil, .exactly(1)) == 2)
            #expect(try await set(.out, nil, .any) == 3)
            await #expect(throws: VersionConflict<Override>.self) { _ = try await set(.busy, nil, .exactly(2)) }
            #expect(try await fixture.store.card(id)?.availability.state == .out)
        }
    }

    /// No version ever stands for two different overrides, so a stale editor can't meet an equal number by chance.
    @Test(arguments: TestEngine.allCases)
    func aWordThatIsTakenBackAndSetAnewIsAnotherVersion(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let id = try await fixture.store.addFaculty("Dr. A").value
            let seen = try await fixture.store.write { try OverrideRepository($0).set(.busy, until: nil, for: id) }
                .value
            let cleared = try await fixture.store.write {
                try OverrideRepository($0).clear(id, expecting: .exactly(seen))
            }
            #expect(cleared.value)
            #expect(try await fixture.store.read { try OverrideRepository($0).find(id) } == nil)
            #expect(try await fixture.store.card(id)?.availability.state == .unknown)
            let again = try await fixture.store.write {
                try OverrideRepository($0).set(.out, until: nil, for: id, expecting: .absent)
            }.value
            #expect(again > seen)
            let conflict = try await #require(throws: VersionConflict<Override>.self) {
                try await fixture.store.write { try OverrideRepository($0).clear(id, expecting: .exactly(seen)) }
            }
            #expect(conflict.wanted == nil)
            #expect(conflict.standing?.value.word == .out)
            #expect(conflict.standing?.version == again)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func aWordThatHasEndedIsNone(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let id = try await fixture.store.addFaculty("Dr. A").value
            let until = fixture.store.now + .minutes(5)
            try await fixture.store.write { try OverrideRepository($0).set(.busy, until: until, for: id) }
            fixture.time.advance(by: .minutes(5))
            #expect(try await fixture.store.write { try OverrideRepository($0).clear(id) }.value == false)
            #expect(try await fixture.store.read { try FacultyRepository($0).versions(of: id)?.override } == nil)
            let version = try await fixture.store.write {
                try OverrideRepository($0).set(.out, until: nil, for: id, expecting: .absent)
            }.value
            #expect(version == 2)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func aUnitIsMovedOnlyFromWhereItWasSeen(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let people = try await fixture.store.write { transaction in
                try (1...3).map { try FacultyRepository(transaction).add(.named("Dr. \($0)"), id: nil, beacon: nil) }
            }.value
            let unit = try #require(UnitID("desk-1"))
            try await fixture.store.write { try UnitRepository($0).add(unit, dialect: .two, faculty: people[0]) }
            let assign = { @Sendable (faculty: FacultyID?, expecting: ExpectedVersion) in
                try await fixture.store.write {
                    try UnitRepository($0).assign(unit, to: faculty, expecting: expecting)
                }.value
            }
            #expect(try await assign(people[1], .exactly(1)) == 2)
            let conflict = try await #require(throws: VersionConflict<UnitRepository.Assignment>.self) {
                _ = try await assign(people[2], .exactly(1))
            }
            #expect(conflict.wanted?.faculty == people[2])
            #expect(conflict.standing == Versioned(value: .init(faculty: people[1]), version: 2))
            #expect(try await assign(people[1], .exactly(2)) == 2)
            #expect(try await fixture.store.read { try UnitRepository($0).find(unit)?.faculty } == people[1])
        }
    }

    @Test(arguments: TestEngine.allCases)
    func aRequestMovesOnlyFromTheVersionSeen(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let faculty = try await fixture.store.addFaculty("Dr. A").value
            _ = try await fixture.store.addConsultation(42, for: faculty)
            let id = try #require(ConsultationID(42))
            let apply = { @Sendable (action: ConsultationAction, expecting: ExpectedVersion) in
                try await fixture.store.write {
                    try ConsultationRepository($0).apply(action, to: id, expecting: expecting)
                }.value
            }
            #expect(try await apply(.accept, .exactly(1)) == .moves(to: .accepted))
            let conflict = try await #require(throws: VersionConflict<ConsultationStatus>.self) {
                _ = try await apply(.cancel, .exactly(1))
            }
            #expect(conflict.wanted == .cancelled)
            #expect(conflict.standing == Versioned(value: .accepted, version: 2))
            #expect(try await apply(.accept, .exactly(2)) == .already)
            #expect(try await apply(.start, .exactly(2)) == .moves(to: .inProgress))
            #expect(try await fixture.store.card(faculty)?.availability.state == .inConsultation)
            #expect(try await apply(.cancel, .any) == .notAllowed)
            #expect(try await apply(.complete, .exactly(3)) == .moves(to: .completed))
        }
    }

    @Test(arguments: TestEngine.allCases)
    func aStudentIsChangedOnlyFromTheVersionSeen(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let id = try #require(StudentID(3))
            try await fixture.store.write {
                try ConsultationRepository($0).addStudent(id: id, number: "2026-3", name: "Ben", department: "Law")
            }
            let change = { @Sendable (name: String, expecting: ExpectedVersion) in
                try await fixture.store.write {
                    try ConsultationRepository($0).changeStudent(
                        id, to: .init(number: "2026-3", name: name, department: "Law"), expecting: expecting)
                }.value
            }
            #expect(try await change("Ben Cruz", .exactly(1)) == 2)
            let conflict = try await #require(throws: VersionConflict<ConsultationRepository.StudentProfile>.self) {
                _ = try await change("Benjamin", .exactly(1))
            }
            #expect(conflict.wanted?.name == "Benjamin")
            #expect(conflict.standing?.value.name == "Ben Cruz")
            #expect(conflict.standing?.version == 2)
            #expect(try await change("Benjamin", .exactly(2)) == 3)
        }
    }

    /// Profile, presence and override are separate rows, so editing one conflicts with no edit of another.
    @Test(arguments: TestEngine.allCases)
    func aBeaconSpoilsNoEditOfTheProfileOrTheOverride(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let id = try await fixture.store.addFaculty("Dr. A").value
            try await fixture.store.write { try OverrideRepository($0).set(.busy, until: nil, for: id) }
            let seen = try #require(await fixture.store.read { try FacultyRepository($0).versions(of: id) })
            #expect(seen.presence == nil)
            for state in [PresenceState.present, .absent, .present] {
                try await fixture.store.hear(UnitID(dialect1: id), of: id, presence: state)
            }
            let now = try #require(await fixture.store.read { try FacultyRepository($0).versions(of: id) })
            #expect(now.presence == 3)
            #expect((now.profile, now.override) == (seen.profile, seen.override))
            try await fixture.store.write { transaction in
                try FacultyRepository(transaction).change(
                    id, to: .named("Dr. B"), beacon: nil, expecting: .exactly(seen.profile))
                try OverrideRepository(transaction).clear(id, expecting: ExpectedVersion(seen.override))
            }
        }
    }

    /// An id that a screen or a unit may still hold is never given to another person.
    @Test(arguments: TestEngine.allCases)
    func theIDOfARemovedPersonIsNeverTakenAgain(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            try await fixture.store.addFaculty("Dr. A")
            let last = try await fixture.store.addFaculty("Dr. B").value
            try await fixture.store.write { transaction in
                try transaction.connection.execute("DELETE FROM faculty WHERE id = \(last)")
            }
            #expect(try await fixture.store.read { try FacultyRepository($0).largestID() } == last.rawValue)
            #expect(try await fixture.store.addFaculty("Dr. C").value.rawValue == last.rawValue + 1)
        }
    }
}
