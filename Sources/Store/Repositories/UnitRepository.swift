// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
import SQL

/// Desk units and the people to whom they are assigned.
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
        package let version: Int64

        package var assignment: Assignment { Assignment(faculty: faculty) }

        package func liveness(at now: Timestamp) -> UnitLiveness { link?.liveness(at: now) ?? .neverHeard }
    }

    /// What a person edits of a unit.
    package struct Assignment: Hashable, Sendable {
        /// The person on whose desk it stands; nil if unassigned.
        package let faculty: FacultyID?

        package init(faculty: FacultyID?) {
            self.faculty = faculty
        }
    }

    package func add(_ id: UnitID, dialect: Dialect, faculty: FacultyID?) throws {
        try connection.execute(
            "INSERT INTO desk_unit (id, dialect, faculty_id) VALUES (\(id), \(dialect), \(faculty))")
    }

    /// Assigns a unit to a person, or to none; unchanged if it is assigned so already. Returns the version
    /// that stands then, nil if there is no such unit. Throws `VersionConflict<Assignment>`.
    @discardableResult
    package func assign(_ id: UnitID, to faculty: FacultyID?, expecting: ExpectedVersion = .any) throws -> Int64? {
        guard let stored = try find(id) else { return nil }
        try stored.require(expecting, wanting: Assignment(faculty: faculty))
        guard stored.faculty != faculty else { return stored.version }
        let changed = try connection.execute(
            """
            UPDATE desk_unit SET faculty_id = \(faculty), version = version + 1
            WHERE id = \(id) AND version = \(stored.version)
            """)
        guard changed == 1 else {
            let standing = try find(id).map { Versioned(value: $0.assignment, version: $0.version) }
            throw VersionConflict(expected: expecting, wanted: Assignment(faculty: faculty), standing: standing)
        }
        return stored.version + 1
    }

    /// Forgets a unit, and what orders its messages. What it said of the person at its desk no longer counts. False if
    /// there was no such unit.
    package func remove(_ id: UnitID) throws -> Bool {
        try connection.execute(
            "UPDATE desk_unit SET faculty_id = NULL WHERE id = \(id) AND faculty_id IS NOT NULL")
        return try connection.execute("DELETE FROM desk_unit WHERE id = \(id)") > 0
    }

    package func all() throws -> [Stored] {
        try connection.query("\(Self.select) ORDER BY u.id", Stored.init)
    }

    /// How many units there are of each liveness, by the rule of `UnitLink.liveness(at:)`. Liveness that no unit has is
    /// left out.
    package func counts(at now: Timestamp) throws -> [UnitLiveness: Int64] {
        // A unit is silent that was last heard at this moment less its tolerance, or before: that difference saturates,
        // too.
        let latest = Int64.max
        let shortest = now.milliseconds.saturatingSubtract(latest)
        let counted: [(UnitLiveness, Int64)] = try connection.query(
            """
            SELECT CASE WHEN l.offline_since IS NOT NULL THEN \(UnitLiveness.offline.rawValue)
                    WHEN l.heard_at IS NULL THEN \(UnitLiveness.neverHeard.rawValue)
                    WHEN l.heard_at <= CASE WHEN l.tolerance < \(shortest) THEN \(latest) ELSE \(now) - l.tolerance END
                        THEN \(UnitLiveness.silent.rawValue)
                    ELSE \(UnitLiveness.live.rawValue) END AS liveness,
                count(*)
            FROM desk_unit u LEFT JOIN unit_link l ON l.unit_id = u.id GROUP BY 1
            """
        ) { row throws(SQLError) in (UnitLiveness(rawValue: try row.next()) ?? .neverHeard, try row.next()) }
        return Dictionary(counted, uniquingKeysWith: +)
    }

    /// Makes this unit, and no other, the sender of what comes on `professor/status`; nil makes none. Which unit it is
    /// belongs to no single row, so the last word stands; the rows that change rise all the same.
    package func setProfessorStatusSender(_ id: UnitID?) throws {
        try connection.execute(
            """
            UPDATE desk_unit SET speaks_professor_status = 0, version = version + 1
            WHERE speaks_professor_status = 1 AND id IS DISTINCT FROM \(id)
            """)
        if let id {
            try connection.execute(
                """
                UPDATE desk_unit SET speaks_professor_status = 1, version = version + 1
                WHERE id = \(id) AND speaks_professor_status = 0
                """)
        }
    }

    package func find(_ id: UnitID) throws -> Stored? {
        try connection.first("\(Self.select) WHERE u.id = \(id)", Stored.init)
    }

    /// The units that are assigned to a person.
    package func units(of faculty: FacultyID) throws -> [Stored] {
        try connection.query("\(Self.select) WHERE u.faculty_id = \(faculty) ORDER BY u.id", Stored.init)
    }

    private static let select: SQLStatement = """
        SELECT u.id, u.dialect, u.faculty_id, \(columns: UnitLink.self, of: "l"), u.speaks_professor_status, u.version
        FROM desk_unit u LEFT JOIN unit_link l ON l.unit_id = u.id
        """
}

extension UnitRepository.Stored {
    fileprivate init(_ row: inout RowReader) throws(SQLError) {
        self.init(
            id: try row.next(), dialect: try row.next(), faculty: try row.next(), link: try row.nextIfJoined(),
            speaksProfessorStatus: try row.next(), version: try row.next())
    }

    /// Throws `VersionConflict<Assignment>` unless the edit was made from what stands here.
    package func require(_ expecting: ExpectedVersion, wanting wanted: UnitRepository.Assignment) throws {
        guard expecting.allows(version) else {
            throw VersionConflict(
                expected: expecting, wanted: wanted, standing: Versioned(value: assignment, version: version))
        }
    }
}
