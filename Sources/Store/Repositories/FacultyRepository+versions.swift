// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
import SQL

extension FacultyRepository {
    /// The versions of a person's rows, each edited by itself: a beacon can't spoil an administrator's edit.
    package struct Versions: Hashable, Sendable {
        package let profile: Int64
        /// Nil if no word is in force.
        package let override: Int64?
        /// Nil if nothing was ever sensed. Machines alone write it.
        package let presence: Int64?
    }

    /// Nil if no person has the id.
    package func versions(of id: FacultyID) throws -> Versions? {
        try connection.first(
            """
            SELECT f.version, o.version, p.version FROM faculty f
            LEFT JOIN override o ON o.faculty_id = f.id AND (o.until IS NULL OR o.until > \(now))
            LEFT JOIN presence p ON p.faculty_id = f.id
            WHERE f.id = \(id)
            """
        ) { row throws(SQLError) in
            Versions(profile: try row.next(), override: try row.next(), presence: try row.next())
        }
    }
}
