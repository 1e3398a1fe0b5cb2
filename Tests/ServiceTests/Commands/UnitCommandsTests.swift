// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Service
import Store
import TestSupport
import Testing
import Wire

@Suite("Commands on desk units")
struct UnitCommandsTests {
    /// Runs `body` with two people, 1 and 2.
    private func withUnits(_ body: (UnitCommands, Store) async throws -> Void) async throws {
        try await withStore(.sqliteInMemory) { fixture in
            let office = commands(over: fixture.store)
            for name in ["Ana Reyes", "Ben Cruz"] {
                try await office.people.add(FacultyEntry(profile: FacultyProfile(name: name, department: "Law")))
            }
            try await body(office.units, fixture.store)
        }
    }

    private let ana = FacultyID(1)
    private let ben = FacultyID(2)

    private func id(_ text: String) throws -> UnitID { try #require(UnitID(text)) }

    @Test(arguments: [
        ("desk-7", Dialect?.none, Int64?.none, Dialect.two, Int64?.none),
        ("desk-7", .two, 1, .two, 1),
        ("d1-1", .none, .none, .one, 1),
        ("d1-2", .one, 2, .one, 2),
        ("d1-x", .none, 1, .two, 1),
    ])
    func theIDTellsTheDialect(
        _ text: String, _ given: Dialect?, _ faculty: Int64?, _ dialect: Dialect, _ owner: Int64?
    ) async throws {
        try await withUnits { units, store in
            let added = try await units.add(
                id(text), dialect: given, faculty: faculty.flatMap { FacultyID($0) }
            ).value
            #expect(added.dialect == dialect)
            #expect(added.faculty?.rawValue == owner)
            let unit = try id(text)
            let stored = try #require(await store.read { try UnitRepository($0).find(unit) })
            #expect(stored.dialect == dialect)
            #expect(stored.faculty?.rawValue == owner)
        }
    }

    @Test func refusesIDsThatBelongToOthers() async throws {
        try await withUnits { units, _ in
            let server = try id("server")
            let oldUnit = try id("d1-1")
            let old = try id("old")
            let desk7 = try id("desk-7")
            await #expect(throws: UnitError.reserved(server)) {
                try await units.add(server, faculty: nil)
            }
            await #expect(throws: UnitError.nameOfDialect1(oldUnit)) {
                try await units.add(oldUnit, dialect: .two, faculty: nil)
            }
            await #expect(throws: UnitError.noNameOfItsOwn(old)) {
                try await units.add(old, dialect: .one, faculty: ana)
            }
            await #expect(throws: UnitError.standsWith(oldUnit, ana)) {
                try await units.add(oldUnit, faculty: ben)
            }
            try await units.add(desk7, faculty: nil)
            await #expect(throws: UnitError.known(desk7)) {
                try await units.add(desk7, faculty: ben)
            }
        }
    }

    @Test func aPersonHasOneUnitButMayReplaceAnOldOne() async throws {
        try await withUnits { units, _ in
            let desk1 = try id("desk-1")
            let ana = try #require(ana)
            try await units.add(id("d1-1"), faculty: nil)
            try await units.add(desk1, faculty: ana)
            await #expect(throws: UnitError.deskTaken(ana, by: desk1)) {
                try await units.add(id("desk-2"), faculty: ana)
            }
            try await units.add(id("desk-2"), faculty: nil)
            await #expect(throws: UnitError.deskTaken(ana, by: desk1)) {
                try await units.assign(id("desk-2"), to: ana)
            }
            try await units.assign(desk1, to: nil)
            try await units.assign(id("desk-2"), to: ana)
            // A repeated assignment changes nothing.
            try await units.assign(id("desk-2"), to: ana)
            #expect(try await units.all().map { $0.faculty?.name } == ["Ana Reyes", nil, "Ana Reyes"])
        }
    }

    @Test func refusesWhatIsNotThere() async throws {
        try await withUnits { units, _ in
            let desk7 = try id("desk-7")
            let oldUnit = try id("d1-1")
            let nobody = try #require(FacultyID(99))
            await #expect(throws: PeopleError.unknownFaculty(nobody)) {
                try await units.add(desk7, faculty: nobody)
            }
            await #expect(throws: PeopleError.unknownFaculty(nobody)) {
                try await units.add(id("d1-99"), faculty: nil)
            }
            await #expect(throws: UnitError.unknown(desk7)) {
                try await units.assign(desk7, to: ana)
            }
            try await units.add(oldUnit, faculty: nil)
            await #expect(throws: UnitError.standsWith(oldUnit, ana)) {
                try await units.assign(oldUnit, to: ben)
            }
        }
    }

    @Test func aCredentialIsForAKnownUnitOrAnOldOneOfSomebody() async throws {
        try await withUnits { units, _ in
            let desk8 = try id("desk-8")
            let server = try id("server")
            let nobody = try #require(FacultyID(99))
            try await units.add(id("desk-7"), faculty: nil)
            try await units.requireMayConnect(id("desk-7"))
            try await units.requireMayConnect(id("d1-2"))
            await #expect(throws: UnitError.unknown(desk8)) {
                try await units.requireMayConnect(desk8)
            }
            await #expect(throws: UnitError.reserved(server)) {
                try await units.requireMayConnect(server)
            }
            await #expect(throws: PeopleError.unknownFaculty(nobody)) {
                try await units.requireMayConnect(id("d1-99"))
            }
        }
    }

    @Test func oneOldUnitAtMostSpeaksOnProfessorStatus() async throws {
        try await withUnits { units, _ in
            let first = try id("d1-1")
            let second = try id("d1-2")
            let desk7 = try id("desk-7")
            try await units.add(first, faculty: nil)
            try await units.add(second, faculty: nil)
            try await units.add(desk7, faculty: nil)
            try await units.setProfessorStatusSender(first)
            try await units.setProfessorStatusSender(second)
            let senders = try await units.all().filter(\.unit.speaksProfessorStatus).map(\.unit.id)
            #expect(senders == [second])
            await #expect(throws: UnitError.speaksDialect2(desk7)) {
                try await units.setProfessorStatusSender(desk7)
            }
            try await units.setProfessorStatusSender(nil)
            let none = try await units.all().filter(\.unit.speaksProfessorStatus)
            #expect(none.isEmpty)
        }
    }
}
