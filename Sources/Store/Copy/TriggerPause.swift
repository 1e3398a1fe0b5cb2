// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import SQL

/// Keeps triggers from firing for the length of a transaction: a copied row is no change, and brings its effects with it.
///
/// Foreign keys and constraints go on. On PostgreSQL this takes a lock on each table, so nobody else writes meanwhile, and
/// needs the owner of the tables.
struct TriggerPause {
    private let tables: [CopiedTable]
    /// SQLite has no switch: its triggers are dropped and made again, word for word.
    private let scripts: [String]

    init(_ tables: [CopiedTable], _ connection: any Connection) throws {
        self.tables = tables
        switch connection.dialect {
        case .sqlite:
            let rows = try connection.query(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND sql IS NOT NULL ORDER BY rowid")
            scripts = try rows.map { try $0.get(1) }
            for row in rows { try connection.script("DROP TRIGGER \(try row.get(0, as: String.self).quoted)") }
        case .postgreSQL:
            scripts = []
            for table in tables { try connection.script("ALTER TABLE \(table.name.quoted) DISABLE TRIGGER USER") }
        }
    }

    func end(_ connection: any Connection) throws {
        switch connection.dialect {
        case .sqlite:
            for script in scripts { try connection.script(script) }
        case .postgreSQL:
            for table in tables { try connection.script("ALTER TABLE \(table.name.quoted) ENABLE TRIGGER USER") }
        }
    }
}
