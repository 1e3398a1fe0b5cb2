// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
import SQL

extension FacultyRepository {
    /// A person who has a key that another entry wants.
    package struct Holder: Hashable, Sendable, CustomStringConvertible {
        package let id: FacultyID
        package let name: String
        package let department: String
        package let isArchived: Bool

        package init(id: FacultyID, name: String, department: String, isArchived: Bool = false) {
            self.id = id
            self.name = name
            self.department = department
            self.isArchived = isArchived
        }

        package var description: String { "\(name) (id \(id)\(isArchived ? ", archived" : ""))" }
    }

    /// SQLite binds 32,766 values a statement; a few hundred are as fast.
    private static let valuesAStatement = 500

    /// Who has these ids, archived people too.
    package func holders(of ids: Set<FacultyID>) throws -> [FacultyID: Holder] {
        var found: [FacultyID: Holder] = [:]
        for chunk in Array(ids).chunks(of: Self.valuesAStatement) {
            for row in try connection.query("\(literal: Self.holder) WHERE f.id IN \(list: chunk)") {
                let holder = try Self.holder(row)
                found[holder.id] = holder
            }
        }
        return found
    }

    /// Who wears these beacons, archived people too.
    package func holders(of beacons: Set<BeaconAddress>) throws -> [BeaconAddress: Holder] {
        var found: [BeaconAddress: Holder] = [:]
        for chunk in Array(beacons).chunks(of: Self.valuesAStatement) {
            let rows = try connection.query(
                """
                SELECT f.id, f.name, f.department, f.archived_at, b.address
                FROM beacon b JOIN faculty f ON f.id = b.faculty_id WHERE b.address IN \(list: chunk)
                """)
            for row in rows { found[try row.get(4)] = try Self.holder(row) }
        }
        return found
    }

    /// All people who aren't archived, by id.
    package func present() throws -> [Holder] {
        try connection.query("\(literal: Self.holder) WHERE f.archived_at IS NULL ORDER BY f.id").map(Self.holder)
    }

    /// The largest id that any person has or had; 0 if there was none. Removed rows are known from `change`,
    /// which is never trimmed: an id that screens, units or logs may still hold is never given to another person.
    package func largestID() throws -> Int64 {
        try connection.first(
            """
            SELECT coalesce(max(id), 0) FROM (
                SELECT max(id) AS id FROM faculty UNION ALL SELECT max(id) FROM change WHERE kind = 'card') AS used
            """)?.get(0) ?? 0
    }

    /// People who aren't archived and on whose desk no unit stands, by surname.
    package func withoutUnit() throws -> [Holder] {
        let rows = try connection.query(
            """
            SELECT f.id, f.name, f.department FROM faculty f
            WHERE f.archived_at IS NULL AND NOT EXISTS (SELECT 1 FROM desk_unit u WHERE u.faculty_id = f.id)
            ORDER BY f.surname, f.name, f.id
            """)
        return try rows.map { Holder(id: try $0.get(0), name: try $0.get(1), department: try $0.get(2)) }
    }

    private static let holder: StaticString = "SELECT f.id, f.name, f.department, f.archived_at FROM faculty f"

    private static func holder(_ row: SQLRow) throws -> Holder {
        Holder(
            id: try row.get(0), name: try row.get(1), department: try row.get(2),
            isArchived: try row.get(3, as: Timestamp?.self) != nil)
    }
}
