// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Service
import Store
import TestSupport
import Testing
import Wire

@Suite("Commands on faculty members")
struct PeopleCommandsTests {
    private func entry(
        _ name: String = "Dr. Ana Reyes", id: Int64? = nil, beacon: String? = nil
    ) -> FacultyEntry {
        FacultyEntry(
            id: id.flatMap { FacultyID($0) }, profile: FacultyProfile(name: name, department: "Physics"),
            beacon: beacon.flatMap { BeaconAddress($0) })
    }

    private func count(_ store: Store) async throws -> Int {
        try await store.read { try FacultyRepository($0).all().count }
    }

    @Test func numbersPeopleAboveTheLargestID() async throws {
        try await withStore(.sqliteInMemory) { fixture in
            let people = commands(over: fixture.store).people
            let first = try await people.add(entry(id: 7))
            let second = try await people.add(entry("Ben Cruz"))
            #expect(first.value.id.rawValue == 7)
            #expect(second.value.id.rawValue == 8)
            #expect(second.revision > first.revision)
        }
    }

    @Test func refusesATakenIDAndBeaconByNameAndWritesNothing() async throws {
        try await withStore(.sqliteInMemory) { fixture in
            let people = commands(over: fixture.store).people
            let first = try await people.add(entry(id: 7, beacon: "AABBCCDDEEFF"))
            let error = try await #require(throws: FieldProblems.self) {
                try await people.add(entry("Ben Cruz", id: 7, beacon: "aa:bb:cc:dd:ee:ff"))
            }
            #expect(error.problems.map(\.field) == [.id, .beacon])
            #expect(error.problems.allSatisfy { $0.problem.contains("Dr. Ana Reyes (id 7)") })
            #expect(try await count(fixture.store) == 1)
            let revision = try await fixture.store.read { try CardRepository($0).currentRevision() }
            #expect(revision == first.revision)
        }
    }

    @Test func tellsOfATwin() async throws {
        try await withStore(.sqliteInMemory) { fixture in
            let people = commands(over: fixture.store).people
            let first = try await people.add(entry()).value
            let second = try await people.add(entry()).value
            #expect(first.twin == nil)
            #expect(second.twin?.id == first.id)
        }
    }

    @Test func saysWhereNoIDIsLeft() async throws {
        try await withStore(.sqliteInMemory) { fixture in
            let people = commands(over: fixture.store).people
            try await people.add(entry(id: FacultyID.largestAtOurDoors))
            let error = try await #require(throws: FieldProblems.self) { try await people.add(entry("Ben Cruz")) }
            #expect(error.problems.map(\.field) == [.id])
        }
    }

    @Test func changesOnlyWhatIsGiven() async throws {
        try await withStore(.sqliteInMemory) { fixture in
            let people = commands(over: fixture.store).people
            let id = try await people.add(entry(beacon: "AABBCCDDEEFF")).value.id
            try await people.change(id, [.room: "B-204", .beacon: "none"])
            let stored = try #require(await fixture.store.read { try FacultyRepository($0).find(id) })
            #expect(stored.profile == FacultyProfile(name: "Dr. Ana Reyes", department: "Physics", room: "B-204"))
            #expect(stored.beacon == nil)
            #expect(stored.version == 2)
            try await people.change(id, [.room: "none", .name: "Dr. Ana Santos"])
            let renamed = try #require(await fixture.store.read { try FacultyRepository($0).find(id) })
            #expect(renamed.profile == FacultyProfile(name: "Dr. Ana Santos", surname: "Santos", department: "Physics"))
        }
    }

    @Test func changingNeverTakesSomebodysBeaconOrARequiredField() async throws {
        try await withStore(.sqliteInMemory) { fixture in
            let people = commands(over: fixture.store).people
            try await people.add(entry(beacon: "AABBCCDDEEFF"))
            let id = try await people.add(entry("Ben Cruz")).value.id
            let beacon = try await #require(throws: FieldProblems.self) {
                try await people.change(id, [.beacon: "AABBCCDDEEFF"])
            }
            #expect(beacon.problems.map(\.field) == [.beacon])
            let name = try await #require(throws: FieldProblems.self) { try await people.change(id, [.name: "none"]) }
            #expect(name.problems.map(\.field) == [.name])
        }
    }

    @Test func archivingFreesTheBeaconAndTheUnitAndKeepsTheID() async throws {
        try await withStore(.sqliteInMemory) { fixture in
            let people = commands(over: fixture.store).people
            let id = try await people.add(entry(beacon: "AABBCCDDEEFF")).value.id
            let unit = try #require(UnitID("desk-7"))
            try await commands(over: fixture.store).units.add(unit, faculty: id)
            let freed = try await people.archive(id).value
            #expect(freed.beacon == BeaconAddress("AABBCCDDEEFF"))
            #expect(freed.units == [unit])
            await #expect(throws: PeopleError.archivedFaculty(id)) { try await people.archive(id) }
            #expect(try await people.add(entry("Ben Cruz", beacon: "AABBCCDDEEFF")).value.id.rawValue == 2)
            await #expect(throws: FieldProblems.self) { try await people.add(entry("Carla Diaz", id: 1)) }
        }
    }

    @Test func anOverrideHasAnEndToComeOrNone() async throws {
        try await withStore(.sqliteInMemory) { fixture in
            let people = commands(over: fixture.store).people
            let id = try await people.add(entry()).value.id
            let end = fixture.time.now() + .minutes(30)
            let said = try await people.setOverride(.set(.busy, .after(.minutes(30))), of: id).value
            #expect(said?.value.until == end)
            let shown = try await fixture.store.read { try AvailabilityRepository($0).shown(of: id) }
            #expect(shown?.availability.state == .busy)
            #expect(shown?.availability.until == end)
            let past = fixture.time.now() - .minutes(1)
            await #expect(throws: PeopleError.endHasPassed(past)) {
                try await people.setOverride(.set(.out, .at(past)), of: id)
            }
            let open = try #require(try await people.setOverride(.set(.available, .open), of: id).value)
            #expect(open.value.until == nil)
            #expect(open.version == 2)
            #expect(
                try await fixture.store.read { try AvailabilityRepository($0).shown(of: id) }?.isAlwaysAvailable == true
            )
            #expect(try await people.setOverride(.clear, of: id).value == nil)
            await #expect(throws: PeopleError.noOverride(id)) { try await people.setOverride(.clear, of: id) }
        }
    }

    @Test func aRowThatWasNotComputedInTimeIsOverdue() async throws {
        try await withStore(.sqliteInMemory) { fixture in
            let people = commands(over: fixture.store).people
            let id = try await people.add(entry()).value.id
            try await people.setOverride(.set(.out, .after(.minutes(1))), of: id)
            #expect(try await fixture.store.read { try AvailabilityRepository($0).shown(of: id) }?.isOverdue == false)
            fixture.time.advance(by: .minutes(2))
            #expect(try await fixture.store.read { try AvailabilityRepository($0).shown(of: id) }?.isOverdue == true)
        }
    }

    @Test func anImportIsWholeOrNothing() async throws {
        try await withStore(.sqliteInMemory) { fixture in
            let people = commands(over: fixture.store).people
            try await people.add(entry(id: 5))
            let lines = (1...250).map { "Person \($0),Law,,\(String(format16: $0))" }
            let good = ImportFile(csv: Array((["name,department,id,beacon"] + lines).joined(separator: "\n").utf8))
            let bad = ImportFile(
                csv: Array((["name,department,id,beacon"] + lines + ["Last One,Law,5,"]).joined(separator: "\n").utf8))
            let refused = try await people.importing(bad)
            #expect(refused.value.problems.map(\.line) == [252])
            #expect(try await count(fixture.store) == 1)
            let planned = try await people.plan(good)
            #expect(try await count(fixture.store) == 1)
            let done = try await people.importing(good)
            #expect(done.value == planned)
            #expect(done.revision.number == 2)
            #expect(try await count(fixture.store) == 251)
            let last = try #require(done.value.additions.last)
            let stored = try #require(await fixture.store.read { try FacultyRepository($0).find(last.id) })
            #expect(stored.profile.name == "Person 250")
            #expect(stored.beacon == last.beacon)
            // Importing the same file again would double every person.
            #expect(try await people.importing(good).value.problems.count == 500)
            #expect(try await count(fixture.store) == 251)
        }
    }
}

extension String {
    /// Makes twelve hex digits.
    fileprivate init(format16 number: Int) {
        let digits = String(number, radix: 16, uppercase: true)
        self = String(repeating: "0", count: 12 - digits.count) + digits
    }
}
