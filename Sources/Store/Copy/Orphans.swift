// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import SQL

/// Rows that refer to others that are not there. Only a shell makes them: SQLite looks at references if it is told
/// to.
struct Orphans {
    let table: String
    let column: String
    let parent: String
    let parentColumn: String
    let rows: Int64

    /// Finds them all. None on PostgreSQL, which never looks away.
    static func all(_ connection: any Connection) throws -> [Orphans] {
        guard connection.dialect == .sqlite else { return [] }
        return try connection.query(
            """
            SELECT c."table", f."from", f."table", coalesce(f."to", p.name), count(*)
            FROM pragma_foreign_key_check c JOIN pragma_foreign_key_list(c."table") f ON f.id = c.fkid
            LEFT JOIN pragma_table_info(f."table") p ON p.pk = 1
            GROUP BY 1, 2, 3, 4 ORDER BY 1, 2
            """
        ).map { row in
            Orphans(
                table: try row.get(0), column: try row.get(1), parent: try row.get(2), parentColumn: try row.get(3),
                rows: try row.get(4))
        }
    }

    /// Throws `CopyError.Code.unfit`, which names them and says what removes them, if there are any.
    static func refuse(_ connection: any Connection) throws {
        let found = try all(connection)
        guard !found.isEmpty else { return }
        let places = found.map { "\($0.rows) of \($0.table) (\($0.column)) to \($0.parent)" }.joined(separator: ", ")
        let remedies = found.map(\.removal).joined(separator: " ")
        throw CopyError(
            .unfit,
            "rows refer to others that are not there, as a shell without `PRAGMA foreign_keys = ON` leaves them: \(places). Put back what they refer to, or remove them with sqlite3: \(remedies)"
        )
    }

    private var removal: String {
        "DELETE FROM \(table) WHERE \(column) NOT IN (SELECT \(parentColumn) FROM \(parent));"
    }
}
