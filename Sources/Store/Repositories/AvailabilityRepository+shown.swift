// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
import SQL

extension AvailabilityRepository {
    /// One person's availability, as last computed.
    package struct Shown: Hashable, Sendable {
        package let availability: Availability
        package let isAlwaysAvailable: Bool
        /// Whether a moment has passed at which it should have been computed anew: no server runs, or it is behind.
        package let isOverdue: Bool
    }

    /// A server computes within a tick; what is older than this was left undone.
    private static let overdueAfter = Span.seconds(5)

    package func shown() throws -> [FacultyID: Shown] {
        let shown: [(FacultyID, Shown)] = try connection.query(Self.select) { row throws(SQLError) in
            (try row.next(), try decode(&row))
        }
        return Dictionary(uniqueKeysWithValues: shown)
    }

    package func shown(of faculty: FacultyID) throws -> Shown? {
        try connection.first("\(Self.select) WHERE a.faculty_id = \(faculty)") { row throws(SQLError) in
            _ = try row.next(FacultyID.self)
            return try decode(&row)
        }
    }

    private static let select: SQLStatement = """
        SELECT a.faculty_id, \(columns: Availability.self, of: "a"), a.always_available, a.next_change_at
        FROM availability a
        """

    private func decode(_ row: inout RowReader) throws(SQLError) -> Shown {
        let availability: Availability = try row.next()
        let isAlwaysAvailable: Bool = try row.next()
        let nextChangeAt: Timestamp? = try row.next()
        return Shown(
            availability: availability, isAlwaysAvailable: isAlwaysAvailable,
            isOverdue: nextChangeAt.map { $0 + Self.overdueAfter < now } ?? false)
    }
}
