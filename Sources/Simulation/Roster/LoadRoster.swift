// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import MQTT

/// The members of a fleet, which must exist on the server before a run.
package struct LoadRoster: Sendable, Equatable {
    package var units: [LoadUnit]
    package var consultations: [LoadConsultation]

    package init(units: [LoadUnit], consultations: [LoadConsultation]) {
        self.units = units
        self.consultations = consultations
    }

    /// Makes the roster that `consultease load` uses by default.
    ///
    /// It has faculty members 1…`unitCount` with beacons `AA:BB:CC:00:hh:ll`. Those of dialect 2, spread evenly, have
    /// units `load-1`, `load-2`… by faculty id; the others speak dialect 1. Each has `consultationsEach` pending
    /// consultations, numbered from 1 through the whole roster.
    ///
    /// - Parameter dialect2Share: the share of dialect 2 units, 0…1.
    package static func standard(
        unitCount: Int, dialect2Share: Double = 0.5, consultationsEach: Int = 4
    ) -> LoadRoster {
        var roster = LoadRoster(units: [], consultations: [])
        for index in 0..<unitCount {
            let number = Int64(index + 1)
            // Bresenham's algorithm keeps the share in every part of the roster, without randomness.
            let speaksTwo =
                Int(Double(index + 1) * dialect2Share + 1e-9) > Int(Double(index) * dialect2Share + 1e-9)
            roster.units.append(
                LoadUnit(
                    faculty: number, name: "Load Person \(number)", department: "Load",
                    beacon: beacon(index + 1), unit: speaksTwo ? "load-\(number)" : "d1-\(number)",
                    dialect: speaksTwo ? .two : .one))
            for _ in 0..<consultationsEach {
                roster.consultations.append(
                    LoadConsultation(id: Int64(roster.consultations.count + 1), faculty: number))
            }
        }
        return roster
    }

    private static func beacon(_ number: Int) -> String {
        func hex(_ byte: Int) -> String {
            let digits = String(byte & 255, radix: 16, uppercase: true)
            return digits.count == 1 ? "0" + digits : digits
        }
        return "AA:BB:CC:\(hex(number >> 16)):\(hex(number >> 8)):\(hex(number))"
    }
}

/// One desk of the fleet: its owner, its unit and its credential.
package struct LoadUnit: Sendable, Equatable {
    package var faculty: Int64
    package var name: String
    package var department: String
    /// The beacon's address, as `AA:BB:CC:DD:EE:FF`.
    package var beacon: String
    /// The unit's id; an old unit is `d1-{faculty}`.
    package var unit: String
    package var dialect: UnitDialect
    /// Nil if the broker accepts the unit without a user name.
    package var userName: String?
    package var password: String?
    /// The unit's own broker instead of the fleet's: a listener for old units.
    package var broker: BrokerAddress?

    package init(
        faculty: Int64, name: String, department: String, beacon: String, unit: String, dialect: UnitDialect,
        userName: String? = nil, password: String? = nil, broker: BrokerAddress? = nil
    ) {
        self.faculty = faculty
        self.name = name
        self.department = department
        self.beacon = beacon
        self.unit = unit
        self.dialect = dialect
        self.userName = userName
        self.password = password
        self.broker = broker
    }
}

/// The two protocols of desk units.
package enum UnitDialect: Int, Sendable {
    case one = 1
    case two = 2
}

/// A consultation that is pending when the fleet starts, so that its unit can answer it.
package struct LoadConsultation: Sendable, Equatable {
    package var id: Int64
    package var faculty: Int64

    package init(id: Int64, faculty: Int64) {
        self.id = id
        self.faculty = faculty
    }
}
