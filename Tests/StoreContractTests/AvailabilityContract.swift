// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import SQL
import Store
import TestSupport
import Testing
import Wire

@Suite("Promise 12: time is a writer")
struct AvailabilityContract {
    @Test(arguments: TestEngine.allCases)
    func anOverrideEndsByACommitAtItsMoment(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let id = try await fixture.store.addFaculty("Dr. A").value
            let until = fixture.store.now + .minutes(30)
            let set = try await fixture.store.write { try OverrideRepository($0).set(.busy, until: until, for: id) }
            fixture.time.advance(by: .minutes(29))
            #expect(try await fixture.store.read { try AvailabilityRepository($0).isAnybodyDue() } == false)
            #expect(try await fixture.store.write { _ in }.revision == set.revision)
            fixture.time.advance(by: .minutes(1))
            #expect(try await fixture.store.read { try AvailabilityRepository($0).isAnybodyDue() })
            #expect(
                try await fixture.store.card(id)?.availability.state == .busy, "only a commit changes what is shown")
            #expect(try await fixture.store.write { _ in }.revision > set.revision)
            #expect(try await fixture.store.card(id)?.availability.state == .unknown)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func aSilentUnitMakesPresenceUnknownAndASignOfLifeBringsItBack(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let id = try await fixture.store.addFaculty("Dr. A").value
            let unit = UnitID(dialect1: id)
            try await fixture.store.hear(unit, of: id, presence: .present)
            #expect(try await fixture.store.card(id)?.availability.state == .available)
            fixture.time.advance(by: .seconds(90))
            try await fixture.store.write { _ in }
            let silent = try await fixture.store.card(id)?.availability
            #expect(silent?.state == .unknown)
            #expect(silent?.lastKnown == .present)
            try await fixture.store.hear(unit, of: id, presence: nil)
            #expect(try await fixture.store.card(id)?.availability.state == .available)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func aSignOfLifeThatChangesNothingShownMakesNoRevision(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let id = try await fixture.store.addFaculty("Dr. A").value
            let unit = UnitID(dialect1: id)
            let first = try await fixture.store.hear(unit, of: id, presence: .present)
            for _ in 0..<10 {
                fixture.time.advance(by: .seconds(30))
                #expect(try await fixture.store.hear(unit, of: id, presence: nil) == first)
            }
            #expect(try await fixture.store.card(id)?.availability.state == .available)
        }
    }

    /// A unit's deadline passes while it is alive: the row is computed again, and what is shown doesn't change.
    @Test(arguments: TestEngine.allCases)
    func aDeadlineThatPassesWhileTheUnitLivesMakesNoRevision(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let id = try await fixture.store.addFaculty("Dr. A").value
            let first = try await fixture.store.hear(UnitID(dialect1: id), of: id, presence: .present)
            for _ in 0..<20 {
                fixture.time.advance(by: .seconds(60))
                _ = try await fixture.store.hear(UnitID(dialect1: id), of: id, presence: nil)
                #expect(try await fixture.store.write { _ in }.revision == first)
            }
        }
    }

    @Test(arguments: TestEngine.allCases)
    func theAgeOfEvidenceIsRefreshedPieceByPieceForWhomItDiffers(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let ids = try await fixture.store.write { transaction in
                try (1...3).map { try FacultyRepository(transaction).add(.named("Dr. \($0)"), id: nil, beacon: nil) }
            }.value
            for id in ids { try await fixture.store.hear(UnitID(dialect1: id), of: id, presence: .present) }
            fixture.time.advance(by: .seconds(80))
            for id in ids { try await fixture.store.hear(UnitID(dialect1: id), of: id, presence: nil) }
            let before = try await fixture.store.read { try CardRepository($0).currentRevision() }
            let first = try await stale(fixture, after: nil, limit: 2)
            #expect(first == Array(ids[0...1]))
            let refreshed = try await fixture.store.write { try AvailabilityRepository($0).mark(first) }
            #expect(refreshed.revision.number == before.number + 1)
            #expect(try await stale(fixture, after: first.last, limit: 2) == [ids[2]])
            #expect(try await stale(fixture, after: nil, limit: 9) == [ids[2]], "the others are shown as they are")
            #expect(try await stale(fixture, after: nil, lag: .minutes(10), limit: 9) == [])
            try await fixture.store.write { [last = ids[2]] in try AvailabilityRepository($0).mark([last]) }
            #expect(try await stale(fixture, after: nil, limit: 9) == [])
            let all = try await fixture.store.write { [ids] in try AvailabilityRepository($0).mark(ids) }
            #expect(!all.isNew, "nothing that is shown differs")
            for id in ids {
                let seen = try await fixture.store.card(id)?.availability.lastEvidence
                #expect(seen == fixture.store.now.flooredToMinute)
            }
        }
    }

    private func stale(
        _ fixture: StoreFixture, after id: FacultyID?, lag: Span = .zero, limit: Int64
    ) async throws -> [FacultyID] {
        try await fixture.store.read {
            try AvailabilityRepository($0).staleEvidence(after: id, lag: lag, limit: limit)
        }
    }

    /// If many units fall silent at one moment, the writers don't have to wait for all of them.
    @Test(arguments: TestEngine.allCases)
    func oneTransactionComputesABoundedNumberOfThoseWhomTimeMakesDue(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let limit = AvailabilityRepository.largestTimedCount
            let until = fixture.store.now + .minutes(30)
            try await fixture.store.write { transaction in
                for number in 1...limit + 5 {
                    let id = try FacultyRepository(transaction).add(.named("Dr. \(number)"), id: nil, beacon: nil)
                    try OverrideRepository(transaction).set(.busy, until: until, for: id)
                }
            }
            fixture.time.advance(by: .minutes(30))
            func busy() async throws -> Int64 {
                try await fixture.store.read { transaction in
                    try #require(
                        try transaction.connection.first("SELECT count(*) FROM availability WHERE state = 'busy'")
                    ).get(0)
                }
            }
            // A person that an input has marked is computed too.
            let marked = try await fixture.store.write { transaction in
                let id = try FacultyRepository(transaction).add(.named("Dr. New"), id: nil, beacon: nil)
                try OverrideRepository(transaction).set(.out, until: nil, for: id)
                return id
            }.value
            #expect(try await busy() == 5)
            #expect(try await fixture.store.card(marked)?.availability.state == .out)
            #expect(try await fixture.store.read { try AvailabilityRepository($0).isAnybodyDue() })
            #expect(try await fixture.store.read { try AvailabilityRepository($0).isAnybodyOverdue(by: .zero) })
            #expect(try await fixture.store.read { try !AvailabilityRepository($0).isAnybodyOverdue(by: .minutes(1)) })
            try await fixture.store.write { _ in }
            #expect(try await busy() == 0)
            #expect(try await fixture.store.read { try !AvailabilityRepository($0).isAnybodyDue() })
        }
    }

    /// Promise 9: a unit's report about its former owner means nothing after it stands on another desk.
    @Test(arguments: TestEngine.allCases)
    func aUnitThatMovesToAnotherDeskLeavesItsFormerOwnerUnknown(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let former = try await fixture.store.addFaculty("Dr. A").value
            let next = try await fixture.store.addFaculty("Dr. B").value
            let unit = try #require(UnitID("desk-7"))
            try await fixture.store.hear(unit, of: former, presence: .present)
            #expect(try await fixture.store.card(former)?.availability.state == .available)
            _ = try await fixture.store.write { try UnitRepository($0).assign(unit, to: next) }
            #expect(try await fixture.store.card(former)?.availability.state == .unknown)
            try await fixture.store.hear(unit, of: next, presence: nil)
            #expect(try await fixture.store.card(former)?.availability.state == .unknown)
        }
    }

    /// In either dialect, a forgotten unit's report counts for no person.
    @Test(arguments: TestEngine.allCases)
    func aRemovedUnitsReportShowsNoPersonAsPresent(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let people = [
                try await fixture.store.addFaculty("Dr. A").value, try await fixture.store.addFaculty("Dr. B").value,
            ]
            for (person, unit) in zip(people, [UnitID(dialect1: people[0]), try #require(UnitID("desk-7"))]) {
                try await fixture.store.hear(unit, of: person, presence: .present)
                #expect(try await fixture.store.card(person)?.availability.state == .available)
                #expect(try await fixture.store.write { try UnitRepository($0).remove(unit) }.value)
                #expect(try await fixture.store.card(person)?.availability.state == .unknown)
                #expect(try await fixture.store.read { try UnitRepository($0).find(unit) } == nil)
                #expect(try await fixture.store.write { try UnitRepository($0).remove(unit) }.value == false)
                // A sign of life of a new unit with the same name doesn't confirm what the former one sensed.
                try await fixture.store.hear(unit, of: person, presence: nil)
                #expect(try await fixture.store.card(person)?.availability.state == .unknown)
            }
        }
    }

    /// Rule 7: a unit with a learned rhythm gets its deadline from that, not from its former tolerance.
    @Test(arguments: TestEngine.allCases)
    func aToleranceThatShrinksIsKeptAtOnce(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let id = try await fixture.store.addFaculty("Dr. A").value
            let unit = UnitID(dialect1: id)
            try await fixture.store.hear(unit, of: id, presence: .present, tolerance: .minutes(15))
            try await fixture.store.hear(unit, of: id, presence: nil, tolerance: .seconds(90))
            fixture.time.advance(by: .seconds(91))
            try await fixture.store.write { _ in }
            #expect(try await fixture.store.card(id)?.availability.state == .unknown)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func aPersonWhoOptsOutHasNoLastSeen(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let id = try await fixture.store.addFaculty("Dr. A").value
            try await fixture.store.hear(UnitID(dialect1: id), of: id, presence: .present)
            #expect(try await fixture.store.card(id)?.availability.lastEvidence != nil)
            try await fixture.store.write { transaction in
                try transaction.connection.execute("UPDATE faculty SET hides_last_seen = 1 WHERE id = \(id)")
            }
            #expect(try await fixture.store.card(id)?.availability.lastEvidence == nil)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func anOverrideOfAvailableWithoutAnEndIsAlwaysAvailable(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let id = try await fixture.store.addFaculty("Dr. A").value
            try await fixture.store.write { try OverrideRepository($0).set(.available, until: nil, for: id) }
            #expect(try await fixture.store.card(id)?.alwaysAvailable == true)
            let until = fixture.store.now + .minutes(5)
            try await fixture.store.write { try OverrideRepository($0).set(.available, until: until, for: id) }
            #expect(try await fixture.store.card(id)?.alwaysAvailable == false)
            let cleared = try await fixture.store.write { try OverrideRepository($0).clear(id) }
            #expect(cleared.value)
            #expect(try await fixture.store.card(id)?.availability.state == .unknown)
        }
    }
}

extension Store {
    /// Writes what ingest writes if a unit is heard now; `presence` is its report.
    @discardableResult
    func hear(
        _ unit: UnitID, of faculty: FacultyID, presence: PresenceState?, tolerance: Span = .seconds(90)
    ) async throws -> Revision {
        try await write { transaction in
            let repository = WorldRepository(transaction)
            let before = try repository.load(WorldKeys(faculty: [faculty], units: [unit]))
            var world = before
            var facts = world.units[unit] ?? UnitFacts(dialect: .one, faculty: faculty)
            facts.link.heardAt = transaction.now
            facts.link.tolerance = tolerance
            world.units[unit] = facts
            if let presence {
                world.presences[faculty] = Presence(
                    state: presence, since: transaction.now, source: .beacon, unit: unit, evidenceAt: transaction.now,
                    isVerified: true)
            }
            try repository.save(world, since: before)
        }.revision
    }
}
