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

    /// Returns the people who have these ids, archived people too.
    package func holders(of ids: Set<FacultyID>) throws -> [FacultyID: Holder] {
        let holders = try connection.query("\(literal: Self.holder) WHERE f.id \(in: ids)", Holder.init)
        return Dictionary(uniqueKeysWithValues: holders.map { ($0.id, $0) })
    }

    /// Returns the people who wear these beacons, archived people too.
    package func holders(of beacons: Set<BeaconAddress>) throws -> [BeaconAddress: Holder] {
        let holders: [(BeaconAddress, Holder)] = try connection.query(
            """
            SELECT b.address, f.id, f.name, f.department, f.archived_at
            FROM beacon b JOIN faculty f ON f.id = b.faculty_id WHERE b.address \(in: beacons)
            """
        ) { row throws(SQLError) in (try row.next(), try Holder(&row)) }
        return Dictionary(uniqueKeysWithValues: holders)
    }

    /// All people who aren't archived, by id.
    package func present() throws -> [Holder] {
        try connection.query("\(literal: Self.holder) WHERE f.archived_at IS NULL ORDER BY f.id", Holder.init)
    }

    /// The largest id that any person has or had; 0 if there was none. Removed rows are known from `change`,
    /// which is never trimmed: an id that screens, units or logs may still hold is never given to another person.
    package func largestID() throws -> Int64 {
        try connection.first(
            """
            SELECT coalesce(max(id), 0) FROM (
                SELECT max(id) AS id FROM faculty UNION ALL SELECT max(id) FROM change WHERE kind = 'card') AS used
            """
        ) { row throws(SQLError) in try row.next() } ?? 0
    }

    /// People who aren't archived and have no unit at their desk, by surname.
    package func withoutUnit() throws -> [Holder] {
        try connection.query(
            """
            \(literal: Self.holder)
            WHERE f.archived_at IS NULL AND NOT EXISTS (SELECT 1 FROM desk_unit u WHERE u.faculty_id = f.id)
            ORDER BY f.surname, f.name, f.id
            """, Holder.init)
    }

    private static let holder: StaticString = "SELECT f.id, f.name, f.department, f.archived_at FROM faculty f"
}

extension FacultyRepository.Holder {
    fileprivate init(_ row: inout RowReader) throws(SQLError) {
        self.init(
            id: try row.next(), name: try row.next(), department: try row.next(),
            isArchived: try row.next(Timestamp?.self) != nil)
    }
}
