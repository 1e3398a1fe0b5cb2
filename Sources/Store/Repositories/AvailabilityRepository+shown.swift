// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
import SQL

extension AvailabilityRepository {
    /// What is shown of one person, as last computed.
    package struct Shown: Hashable, Sendable {
        package let availability: Availability
        package let isAlwaysAvailable: Bool
        /// Whether a moment has passed at which it should have been computed anew: no server runs, or it is behind.
        package let isOverdue: Bool
    }

    /// A server computes within a tick; what is older than this was left undone.
    private static let overdueAfter = Span.seconds(5)

    package func shown() throws -> [FacultyID: Shown] {
        let rows = try connection.query("\(literal: Self.select)")
        return try Dictionary(uniqueKeysWithValues: rows.map { (try $0.get(0), try decode($0)) })
    }

    package func shown(of faculty: FacultyID) throws -> Shown? {
        try connection.first("\(literal: Self.select) WHERE faculty_id = \(faculty)").map(decode)
    }

    private static let select: StaticString = """
        SELECT faculty_id, state, source, since, until, last_known, last_evidence, always_available, next_change_at
        FROM availability
        """

    private func decode(_ row: SQLRow) throws -> Shown {
        let nextChangeAt: Timestamp? = try row.get(8)
        return Shown(
            availability: Availability(
                state: try row.get(1), source: try row.get(2), since: try row.get(3), until: try row.get(4),
                lastKnown: try row.get(5), lastEvidence: try row.get(6)),
            isAlwaysAvailable: try row.get(7),
            isOverdue: nextChangeAt.map { $0 + Self.overdueAfter < now } ?? false)
    }
}
