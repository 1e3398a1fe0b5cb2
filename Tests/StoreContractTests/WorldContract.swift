// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Rules
import SQL
import Store
import TestSupport
import Testing
import Wire

@Suite("The rows that judging reads and writes")
struct WorldContract {
    @Test(arguments: TestEngine.allCases)
    func aSavedWorldIsLoadedAgain(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let beacon = try #require(BeaconAddress("AA:BB:CC:DD:EE:01"))
            let faculty = try await fixture.store.addFaculty("Dr. A", beacon: beacon).value
            _ = try await fixture.store.addConsultation(42, for: faculty)
            let (unit, boot) = (try #require(UnitID("desk-1")), try #require(BootID("b0000001")))
            let consultation = try #require(ConsultationID(42))
            try await fixture.store.write { try UnitRepository($0).add(unit, dialect: .two, faculty: faculty) }
            let answer = AppliedAnswer(unit: unit, messageID: "42", responseType: "BUSY", timestamp: "99")
            let keys = WorldKeys(
                faculty: [faculty], units: [unit], boots: [BootKey(unit: unit, boot: boot)],
                consultations: [consultation], screens: [unit], answers: [answer])
            let written = try await fixture.store.write { transaction in
                let repository = WorldRepository(transaction)
                let before = try repository.load(keys)
                var world = before
                let now = transaction.now
                world.units[unit] = UnitFacts(
                    dialect: .two, faculty: faculty,
                    link: UnitLink(heardAt: now, tolerance: .seconds(120), offlineSince: now),
                    uptime: UptimeOrder(lastStatus: UptimeStamp(uptime: 7, arrivedAt: now), startedAt: now),
                    rhythm: HeartbeatRhythm(lastHeartbeatAt: now, interval: .seconds(40)), currentBoot: boot, gaps: 3)
                var seen = SequenceSet(1...10)
                _ = seen.insert(12)
                world.boots[BootKey(unit: unit, boot: boot)] = BootFacts(seen: seen, lastPresence: 9)
                world.presences[faculty] = Presence(
                    state: .present, since: now, source: .button, unit: unit, evidenceAt: now, isVerified: false)
                world.consultations[consultation] = ConsultationFacts(
                    faculty: faculty, status: .accepted, minutes: 10, answeredAt: now, onScreenOf: unit, shownAt: now)
                world.appliedAnswers.insert(answer)
                try repository.save(world, since: before)
                return world
            }.value
            let loaded = try await fixture.store.read { try WorldRepository($0).load(keys) }
            #expect(loaded == written)
            #expect(loaded.faculty[faculty]?.beacons == [beacon])
        }
    }

    /// Promise 9: a unit that has restarted and sent nothing since is not believed, over every restart of the server.
    @Test(arguments: TestEngine.allCases)
    func anAnnouncedBootIsRememberedUntilABootBegins(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let faculty = try await fixture.store.addFaculty("Dr. A").value
            let unit = try #require(UnitID("desk-1"))
            try await fixture.store.write { try UnitRepository($0).add(unit, dialect: .two, faculty: faculty) }
            func hear(_ kind: String, _ payload: String) async throws -> UnitFacts? {
                fixture.time.advance(by: .seconds(1))
                return try await fixture.store.write { transaction in
                    let message = Message(
                        decoding: Delivery(
                            topic: "consultease/v2/unit/desk-1/\(kind)", payload: Array(payload.utf8),
                            isRetained: false, arrivedAt: transaction.now, age: .fresh))
                    let repository = WorldRepository(transaction)
                    let before = try repository.load(message.keys)
                    var world = before
                    _ = Judge.judge(message, in: &world)
                    try repository.save(world, since: before)
                    return try repository.load(message.keys).units[unit]
                }.value
            }
            for (kind, payload, current, announced) in [
                ("event", #"{"boot":"a0000001","seq":1,"type":"beat"}"#, "a0000001", nil),
                ("state", #"{"online":true,"boot":"a0000001"}"#, "a0000001", nil),
                ("state", #"{"online":true,"boot":"b0000001"}"#, "a0000001", "b0000001"),
                ("state", #"{"online":true,"boot":"c0000001"}"#, "a0000001", "b0000001"),
                ("event", #"{"boot":"a0000001","seq":2,"type":"beat"}"#, "a0000001", "b0000001"),
                ("event", #"{"boot":"c0000001","seq":1,"type":"beat"}"#, "c0000001", nil),
                ("state", #"{"online":true,"boot":"b0000001"}"#, "c0000001", nil),
                ("state", #"{"online":true,"boot":"d0000001"}"#, "c0000001", "d0000001"),
                ("event", #"{"boot":"d0000001","seq":1,"type":"beat"}"#, "d0000001", nil),
            ] as [(String, String, String, String?)] {
                let facts = try await hear(kind, payload)
                #expect(facts?.currentBoot == BootID(current), "\(payload)")
                #expect(facts?.announcedBoot == announced.flatMap { BootID($0) }, "\(payload)")
            }
        }
    }

    @Test(arguments: TestEngine.allCases)
    func archivedPeopleAndUnknownIdsAreNobody(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let faculty = try await fixture.store.addFaculty("Dr. A").value
            _ = try await fixture.store.write { try FacultyRepository($0).archive(faculty) }
            let nobody = try #require(FacultyID(99))
            let world = try await fixture.store.read {
                try WorldRepository($0).load(WorldKeys(faculty: [faculty, nobody]))
            }
            #expect(world.faculty.isEmpty)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func aBatchLargerThanAStatementIsSavedWhole(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let ids = try await fixture.store.write { transaction in
                try (1...350).map { try FacultyRepository(transaction).add(.named("Dr. \($0)"), id: nil, beacon: nil) }
            }.value
            let units = Set(ids.map { UnitID(dialect1: $0) })
            try await fixture.store.write { transaction in
                let repository = WorldRepository(transaction)
                let before = try repository.load(WorldKeys(faculty: Set(ids), units: units))
                var world = before
                for id in ids {
                    world.units[UnitID(dialect1: id)] = UnitFacts(
                        dialect: .one, faculty: id, link: UnitLink(heardAt: transaction.now))
                    world.presences[id] = Presence(
                        state: .present, since: transaction.now, source: .beacon, unit: UnitID(dialect1: id),
                        evidenceAt: transaction.now, isVerified: true)
                }
                try repository.save(world, since: before)
            }
            let available = try await fixture.store.read {
                try CardRepository($0).changes(since: .none).cards.filter { $0.availability.state == .available }.count
            }
            #expect(available == 350)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func onlyOneConfiguredSenderOfProfessorStatusCounts(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let first = try await fixture.store.addFaculty("Dr. A").value
            let second = try await fixture.store.addFaculty("Dr. B").value
            var asked = WorldKeys()
            asked.needsProfessorStatusSender = true
            let keys = asked
            for id in [first, second] {
                try await fixture.store.write { transaction in
                    try UnitRepository(transaction).add(UnitID(dialect1: id), dialect: .one, faculty: id)
                    try transaction.connection.execute(
                        "UPDATE desk_unit SET speaks_professor_status = 1 WHERE id = \(UnitID(dialect1: id))")
                }
                let sender = try await fixture.store.read {
                    try WorldRepository($0).load(keys).professorStatusSender
                }
                #expect(sender == (id == first ? first : nil))
            }
        }
    }
}
