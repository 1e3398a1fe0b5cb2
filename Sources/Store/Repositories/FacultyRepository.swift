// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
import SQL

/// Faculty profiles and their beacons: what an administrator keeps.
package struct FacultyRepository {
    let connection: any Connection
    let now: Timestamp

    package init(_ transaction: Transaction) {
        connection = transaction.connection
        now = transaction.now
    }

    /// A profile row as stored.
    package struct Stored: Hashable, Sendable {
        package let id: FacultyID
        package let profile: FacultyProfile
        package let beacon: BeaconAddress?
        package let version: Int64
        package let archivedAt: Timestamp?

        /// What an edit of the row, whose version covers the beacon too, can change.
        package var content: Content {
            Content(profile: profile, beacon: beacon, isArchived: archivedAt != nil)
        }
    }

    /// Adds a faculty member; without an id, the next free one. Throws a constraint error if the id or beacon is
    /// taken.
    @discardableResult
    package func add(_ profile: FacultyProfile, id: FacultyID?, beacon: BeaconAddress?) throws -> FacultyID {
        let added = try id ?? nextID()
        try connection.execute(
            """
            INSERT INTO faculty (id, name, surname, department, room, directions, subjects, email, image_path)
            VALUES (\(added), \(profile.name), \(profile.surname), \(profile.department), \(profile.room),
                \(profile.directions), \(profile.subjects), \(profile.email), \(profile.imagePath))
            """)
        if let beacon { try assign(beacon, to: added) }
        return added
    }

    package func assign(_ beacon: BeaconAddress, to faculty: FacultyID) throws {
        try connection.execute("INSERT INTO beacon (address, faculty_id) VALUES (\(beacon), \(faculty))")
    }

    package func find(_ id: FacultyID) throws -> Stored? {
        try connection.first("\(Self.select) WHERE f.id = \(id)", Stored.init)
    }

    /// All people who aren't archived, by surname.
    package func all() throws -> [Stored] {
        try connection.query(
            "\(Self.select) WHERE f.archived_at IS NULL ORDER BY f.surname, f.name, f.id", Stored.init)
    }

    /// All archived people, by surname.
    package func archived() throws -> [Stored] {
        try connection.query(
            "\(Self.select) WHERE f.archived_at IS NOT NULL ORDER BY f.surname, f.name, f.id", Stored.init)
    }

    private func nextID() throws -> FacultyID {
        guard let id = FacultyID(try largestID() + 1) else {
            throw SQLError(code: .unexpectedValue, message: "no next faculty id")
        }
        return id
    }

    private static let select: SQLStatement = """
        SELECT f.id, \(columns: FacultyProfile.self, of: "f"),
            (SELECT min(b.address) FROM beacon b WHERE b.faculty_id = f.id), f.version, f.archived_at
        FROM faculty f
        """
}

extension FacultyRepository.Stored {
    fileprivate init(_ row: inout RowReader) throws(SQLError) {
        self.init(
            id: try row.next(), profile: try row.next(), beacon: try row.next(), version: try row.next(),
            archivedAt: try row.next())
    }
}
