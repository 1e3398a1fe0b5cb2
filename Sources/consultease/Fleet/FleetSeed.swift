// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Desk
import Domain
import Simulation
import Store
import Wire

/// Creates the data of a simulated fleet: people, units, requests that wait on the units' screens, credentials.
enum FleetSeed {
    private static let students = ["Ana Lim", "Ben Cruz", "Cora Diaz", "Dan Flores", "Ella Gomez", "Fe Lopez"]

    /// Adds the missing rows, leaves existing ones, and returns the roster with credentials for the embedded broker.
    static func prepare(_ roster: LoadRoster, store: Store, folder: BrokerFolder) async throws -> LoadRoster {
        try await store.write { transaction in
            for unit in roster.units { try add(unit, transaction) }
            try addStudents(transaction)
            for consultation in roster.consultations { try add(consultation, of: roster, transaction) }
        }
        var generator = SystemRandomNumberGenerator()
        var roster = roster
        for index in roster.units.indices {
            roster.units[index].userName = roster.units[index].unit
            roster.units[index].password = String(UInt64.random(in: .min ... .max, using: &generator), radix: 36)
        }
        try folder.setPasswords(
            roster.units.compactMap { unit in unit.password.map { (user: unit.unit, password: $0) } })
        EmbeddedBroker.reload(folder)
        return roster
    }

    private static func add(_ unit: LoadUnit, _ transaction: Transaction) throws {
        let people = FacultyRepository(transaction)
        guard let faculty = FacultyID(unit.faculty), let id = UnitID(unit.unit) else { return }
        if try people.find(faculty) == nil {
            try people.add(
                FacultyProfile(name: unit.name, department: unit.department), id: faculty,
                beacon: BeaconAddress(unit.beacon))
        }
        if try UnitRepository(transaction).find(id) == nil {
            try UnitRepository(transaction).add(
                id, dialect: unit.dialect == .two ? .two : .one, faculty: faculty)
        }
    }

    private static func addStudents(_ transaction: Transaction) throws {
        let repository = ConsultationRepository(transaction)
        for (index, name) in students.enumerated() {
            guard let id = StudentID(Int64(index + 1)), try !repository.hasStudent(id) else { continue }
            try repository.addStudent(
                id: id, number: "2026-000\(index + 1)", name: name, department: "Computer Science")
        }
    }

    private static func add(
        _ consultation: LoadConsultation, of roster: LoadRoster, _ transaction: Transaction
    ) throws {
        let repository = ConsultationRepository(transaction)
        guard let id = ConsultationID(consultation.id), let faculty = FacultyID(consultation.faculty),
            let student = StudentID(consultation.id % Int64(students.count) + 1), try repository.status(of: id) == nil
        else { return }
        let unit = roster.units.first { $0.faculty == consultation.faculty }.flatMap { UnitID($0.unit) }
        try repository.add(
            id: id, faculty: faculty, student: student, status: .pending, topic: "Thesis", message: "Chapter 2",
            onScreenOf: unit)
    }
}
