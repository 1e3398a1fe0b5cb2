// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain

/// The invented faculty of a demonstration: twelve people have desk units, some of the others have an override, and the
/// rest are unknown.
enum DemoPeople {
    struct Person: Sendable {
        let name: String
        let surname: String
        let department: String
        let room: String
        let subjects: String
    }

    /// The ids of the people with a desk unit: their position in `all`, from 1.
    static let withUnits: [Int64] = [1, 2, 4, 5, 8, 10, 12, 13, 17, 19, 22, 25]

    /// The ids of the people who are in a consultation when the demonstration begins.
    static var inConsultation: [FacultyID] { [9, 16, 23].compactMap { FacultyID($0) } }

    static let all: [Person] = [
        Person(
            name: "Prof. Lourdes Abad", surname: "Abad", department: "Civil Engineering", room: "212",
            subjects: "Hydrology"),
        Person(
            name: "Dr. Rafael Aquino", surname: "Aquino", department: "Computer Science", room: "304",
            subjects: "Databases"),
        Person(
            name: "Dr. Teresa Bautista", surname: "Bautista", department: "Physics", room: "118", subjects: "Optics"),
        Person(
            name: "Engr. Joel Cabrera", surname: "Cabrera", department: "Civil Engineering", room: "220",
            subjects: "Structures"),
        Person(
            name: "Dr. Imelda Castillo", surname: "Castillo", department: "Computer Science", room: "306",
            subjects: "Networks"),
        Person(
            name: "Prof. Noel Dela Cruz", surname: "Dela Cruz", department: "Physics", room: "109",
            subjects: "Mechanics"),
        Person(
            name: "Dr. Grace Domingo", surname: "Domingo", department: "Computer Science", room: "310",
            subjects: "Graphics"),
        Person(
            name: "Dr. Paolo Enriquez", surname: "Enriquez", department: "Civil Engineering", room: "214",
            subjects: "Surveying"),
        Person(
            name: "Prof. Maricel Garcia", surname: "Garcia", department: "Computer Science", room: "302",
            subjects: "Algorithms"),
        Person(
            name: "Dr. Benjamin Hidalgo", surname: "Hidalgo", department: "Physics", room: "121",
            subjects: "Thermodynamics"),
        Person(
            name: "Engr. Carmen Ibarra", surname: "Ibarra", department: "Civil Engineering", room: "218",
            subjects: "Materials"),
        Person(
            name: "Dr. Jose Javier", surname: "Javier", department: "Computer Science", room: "308",
            subjects: "Compilers"),
        Person(name: "Prof. Andrea Lazaro", surname: "Lazaro", department: "Physics", room: "116", subjects: "Waves"),
        Person(
            name: "Dr. Miguel Mercado", surname: "Mercado", department: "Computer Science", room: "312",
            subjects: "Security"),
        Person(
            name: "Dr. Sofia Navarro", surname: "Navarro", department: "Civil Engineering", room: "216",
            subjects: "Soil"),
        Person(
            name: "Prof. Emilio Ocampo", surname: "Ocampo", department: "Physics", room: "114", subjects: "Relativity"),
        Person(
            name: "Dr. Isabel Pascual", surname: "Pascual", department: "Computer Science", room: "314",
            subjects: "Statistics"),
        Person(
            name: "Engr. Victor Quinto", surname: "Quinto", department: "Civil Engineering", room: "210",
            subjects: "Roads"),
        Person(name: "Dr. Liza Reyes", surname: "Reyes", department: "Physics", room: "112", subjects: "Electronics"),
        Person(
            name: "Prof. Ana Reyes-Lim", surname: "Reyes-Lim", department: "Computer Science", room: "316",
            subjects: "Interfaces"),
        Person(
            name: "Dr. Dante Salazar", surname: "Salazar", department: "Civil Engineering", room: "208",
            subjects: "Bridges"),
        Person(name: "Dr. Maria Santos", surname: "Santos", department: "Physics", room: "110", subjects: "Astronomy"),
        Person(
            name: "Prof. Oscar Tan", surname: "Tan", department: "Computer Science", room: "318", subjects: "Systems"),
        Person(name: "Dr. Ramona Uy", surname: "Uy", department: "Civil Engineering", room: "206", subjects: "Water"),
        Person(
            name: "Engr. Paz Villanueva", surname: "Villanueva", department: "Physics", room: "108",
            subjects: "Acoustics"),
        Person(
            name: "Dr. Elena Yap", surname: "Yap", department: "Computer Science", room: "320", subjects: "Languages"),
        Person(
            name: "Prof. Ruben Zamora", surname: "Zamora", department: "Civil Engineering", room: "204",
            subjects: "Energy"),
    ]

    /// The overrides of some people without a unit. The others have none, so the board shows them as unknown.
    static func ownWord(of place: Int, now: Timestamp) -> (word: OverrideWord, until: Timestamp?)? {
        switch place {
        case 3: (.away, now + .minutes(270))
        case 6: (.out, now + .minutes(6 * 24 * 60))
        case 11: (.available, nil)
        case 14: (.busy, now + .minutes(150))
        case 15: (.out, now + .minutes(24 * 60))
        case 18: (.available, now + .minutes(240))
        case 20: (.busy, now + .minutes(45))
        case 21: (.out, now + .minutes(2 * 24 * 60))
        case 24: (.available, now + .minutes(30))
        default: nil
        }
    }
}
