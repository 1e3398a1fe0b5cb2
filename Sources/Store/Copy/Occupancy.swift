// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import SQL

/// What stands where a copy is to go.
package enum Occupancy: Sendable, Hashable {
    /// No tables of ours; in a SQLite file, which a database has for itself, no tables at all.
    case nothing
    /// A database of this or an older schema that holds no person, as the first start makes it.
    case unused
    /// There is something in this table.
    case used(table: String)

    /// Throws `SQLError.Code.cannotOpen` for a newer schema, whose tables this program does not know.
    package static func of(
        _ connection: any Connection, migrations: [Migrator.Migration] = Migrator.migrations
    ) throws -> Occupancy {
        let schema = try Migrator.installedVersion(connection)
        try Migrator.refuseNewer(schema, migrations)
        guard schema > 0 else {
            guard connection.dialect == .sqlite, let other = try tables(connection).first else { return .nothing }
            return .used(table: other)
        }
        for table in CopiedTable.all(schema: schema) where !CopiedTable.bookkeeping.contains(table.name) {
            let row: SQLStatement = .init(stringLiteral: "SELECT 1 FROM \(table.name.quoted) LIMIT 1")
            if try connection.first(row) != nil { return .used(table: table.name) }
        }
        return .unused
    }

    /// Every table, ours or not.
    static func tables(_ connection: any Connection) throws -> [String] {
        let statement: SQLStatement =
            switch connection.dialect {
            case .sqlite:
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
            case .postgreSQL:
                """
                SELECT table_name::text FROM information_schema.tables
                WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' ORDER BY table_name
                """
            }
        return try connection.query(statement).map { try $0.get(0) }
    }
}
