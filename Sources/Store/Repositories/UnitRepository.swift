// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
import SQL
package import Wire

/// Desk units and whose desks they stand on.
package struct UnitRepository {
    let connection: any Connection

    package init(_ transaction: Transaction) {
        connection = transaction.connection
    }

    /// A unit and its assignment.
    package struct Stored: Hashable, Sendable {
        package let id: UnitID
        package let dialect: Dialect
        package let faculty: FacultyID?
        package let link: UnitLink?
        /// Whether what comes on `professor/status` without a name is this unit's (`wire/protocol.md` rule 1).
        package let speaksProfessorStatus: Bool
    }

    package func add(_ id: UnitID, dialect: Dialect, faculty: FacultyID?) throws {
        try connection.execute(
            "INSERT INTO desk_unit (id, dialect, faculty_id) VALUES (\(id), \(dialect), \(faculty))")
    }

    /// Puts a unit on somebody's desk, or on nobody's. False where there is no such unit.
    package func assign(_ id: UnitID, to faculty: FacultyID?) throws -> Bool {
        try connection.execute(
            "UPDATE desk_unit SET faculty_id = \(faculty), version = version + 1 WHERE id = \(id)") == 1
    }

    package func all() throws -> [Stored] {
        try connection.query("\(literal: Self.select) ORDER BY u.id").map(Self.decode)
    }

    /// Makes this unit, and no other, the sender of what comes on `professor/status`; nil makes none.
    package func setProfessorStatusSender(_ id: UnitID?) throws {
        try connection.execute(
            "UPDATE desk_unit SET speaks_professor_status = 0 WHERE speaks_professor_status = 1 AND id IS NOT \(id)")
        if let id {
            try connection.execute(
                "UPDATE desk_unit SET speaks_professor_status = 1 WHERE id = \(id) AND speaks_professor_status = 0")
        }
    }

    package func find(_ id: UnitID) throws -> Stored? {
        try connection.first("\(literal: Self.select) WHERE u.id = \(id)").map(Self.decode)
    }

    /// The units that stand on somebody's desk.
    package func units(of faculty: FacultyID) throws -> [Stored] {
        try connection.query("\(literal: Self.select) WHERE u.faculty_id = \(faculty) ORDER BY u.id").map(Self.decode)
    }

    private static let select: StaticString = """
        SELECT u.id, u.dialect, u.faculty_id, l.unit_id, l.heard_at, l.tolerance, l.offline_since,
            u.speaks_professor_status
        FROM desk_unit u LEFT JOIN unit_link l ON l.unit_id = u.id
        """

    private static func decode(_ row: SQLRow) throws -> Stored {
        let hasLink = try row.get(3, as: String?.self) != nil
        return Stored(
            id: try row.get(0), dialect: try row.get(1), faculty: try row.get(2),
            link: hasLink
                ? UnitLink(heardAt: try row.get(4), tolerance: try row.get(5), offlineSince: try row.get(6)) : nil,
            speaksProfessorStatus: try row.get(7))
    }
}
