// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Service
import Store
import TestSupport
import Testing
import Wire

@Suite("The register of desk units")
struct UnitRegisterTests {
    /// Two people, 1 and 2.
    private func withRegister(_ body: (UnitRegister, Store) async throws -> Void) async throws {
        try await withStore(.sqliteInMemory) { fixture in
            let people = FacultyRegister(store: fixture.store)
            for name in ["Ana Reyes", "Ben Cruz"] {
                try await people.add(FacultyEntry(profile: FacultyProfile(name: name, department: "Law")))
            }
            try await body(UnitRegister(store: fixture.store), fixture.store)
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
        try await withRegister { register, store in
            let added = try await register.add(
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
        try await withRegister { register, _ in
            let server = try id("server")
            let oldUnit = try id("d1-1")
            let old = try id("old")
            let desk7 = try id("desk-7")
            await #expect(throws: UnitError.reserved(server)) {
                try await register.add(server, faculty: nil)
            }
            await #expect(throws: UnitError.nameOfDialect1(oldUnit)) {
                try await register.add(oldUnit, dialect: .two, faculty: nil)
            }
            await #expect(throws: UnitError.noNameOfItsOwn(old)) {
                try await register.add(old, dialect: .one, faculty: ana)
            }
            await #expect(throws: UnitError.standsWith(oldUnit, ana)) {
                try await register.add(oldUnit, faculty: ben)
            }
            try await register.add(desk7, faculty: nil)
            await #expect(throws: UnitError.known(desk7)) {
                try await register.add(desk7, faculty: ben)
            }
        }
    }

    @Test func aPersonHasOneUnitButMayReplaceAnOldOne() async throws {
        try await withRegister { register, _ in
            let desk1 = try id("desk-1")
            let ana = try #require(ana)
            try await register.add(id("d1-1"), faculty: nil)
            try await register.add(desk1, faculty: ana)
            await #expect(throws: UnitError.deskTaken(ana, by: desk1)) {
                try await register.add(id("desk-2"), faculty: ana)
            }
            try await register.add(id("desk-2"), faculty: nil)
            await #expect(throws: UnitError.deskTaken(ana, by: desk1)) {
                try await register.assign(id("desk-2"), to: ana)
            }
            try await register.assign(desk1, to: nil)
            try await register.assign(id("desk-2"), to: ana)
            // The same again is nothing new.
            try await register.assign(id("desk-2"), to: ana)
            #expect(try await register.all().map { $0.faculty?.name } == ["Ana Reyes", nil, "Ana Reyes"])
        }
    }

    @Test func refusesWhatIsNotThere() async throws {
        try await withRegister { register, _ in
            let desk7 = try id("desk-7")
            let oldUnit = try id("d1-1")
            let nobody = try #require(FacultyID(99))
            await #expect(throws: RegisterError.unknownFaculty(nobody)) {
                try await register.add(desk7, faculty: nobody)
            }
            await #expect(throws: RegisterError.unknownFaculty(nobody)) {
                try await register.add(id("d1-99"), faculty: nil)
            }
            await #expect(throws: UnitError.unknown(desk7)) {
                try await register.assign(desk7, to: ana)
            }
            try await register.add(oldUnit, faculty: nil)
            await #expect(throws: UnitError.standsWith(oldUnit, ana)) {
                try await register.assign(oldUnit, to: ben)
            }
        }
    }

    @Test func aCredentialIsForAKnownUnitOrAnOldOneOfSomebody() async throws {
        try await withRegister { register, _ in
            let desk8 = try id("desk-8")
            let server = try id("server")
            let nobody = try #require(FacultyID(99))
            try await register.add(id("desk-7"), faculty: nil)
            try await register.requireMayConnect(id("desk-7"))
            try await register.requireMayConnect(id("d1-2"))
            await #expect(throws: UnitError.unknown(desk8)) {
                try await register.requireMayConnect(desk8)
            }
            await #expect(throws: UnitError.reserved(server)) {
                try await register.requireMayConnect(server)
            }
            await #expect(throws: RegisterError.unknownFaculty(nobody)) {
                try await register.requireMayConnect(id("d1-99"))
            }
        }
    }

    @Test func oneOldUnitAtMostSpeaksOnProfessorStatus() async throws {
        try await withRegister { register, _ in
            let first = try id("d1-1")
            let second = try id("d1-2")
            let desk7 = try id("desk-7")
            try await register.add(first, faculty: nil)
            try await register.add(second, faculty: nil)
            try await register.add(desk7, faculty: nil)
            try await register.setProfessorStatusSender(first)
            try await register.setProfessorStatusSender(second)
            let senders = try await register.all().filter(\.unit.speaksProfessorStatus).map(\.unit.id)
            #expect(senders == [second])
            await #expect(throws: UnitError.speaksDialect2(desk7)) {
                try await register.setProfessorStatusSender(desk7)
            }
            try await register.setProfessorStatusSender(nil)
            let none = try await register.all().filter(\.unit.speaksProfessorStatus)
            #expect(none.isEmpty)
        }
    }
}
