// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import SQL

/// Keeps triggers from firing for the length of a transaction: a copied row is no change, and brings its effects with
/// it.
///
/// Foreign keys and constraints go on. On PostgreSQL this takes a lock on each table, so no other program writes
/// meanwhile, and needs the owner of the tables.
struct TriggerPause {
    /// What brings the triggers back as they were.
    private let scripts: [String]

    init(_ tables: [CopiedTable], _ connection: any Connection) throws {
        switch connection.dialect {
        case .sqlite:
            // There is no switch: they are dropped and made again, word for word.
            let rows = try connection.query(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND sql IS NOT NULL ORDER BY rowid")
            scripts = try rows.map { try $0.get(1) }
            for row in rows { try connection.script("DROP TRIGGER \(try row.get(0, as: String.self).quoted)") }
        case .postgreSQL:
            let exceptions = try Self.exceptions(connection)
            scripts = tables.map { "ALTER TABLE \($0.name.quoted) ENABLE TRIGGER USER" } + exceptions
            for table in tables { try connection.script("ALTER TABLE \(table.name.quoted) DISABLE TRIGGER USER") }
        }
    }

    func end(_ connection: any Connection) throws {
        for script in scripts { try connection.script(script) }
    }

    /// What an administrator has made of a trigger since it was made stays so: off, or on for replication too.
    private static func exceptions(_ connection: any Connection) throws -> [String] {
        try connection.query(
            """
            SELECT format('ALTER TABLE %s %s TRIGGER %I', t.tgrelid::regclass,
                CASE t.tgenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE ALWAYS' END, t.tgname)
            FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = current_schema() AND NOT t.tgisinternal AND t.tgenabled <> 'O'
            """
        ).map { try $0.get(0) }
    }
}

extension Connection {
    /// From now on no other program writes to these tables, and all earlier writers have committed. Nothing to do on
    /// SQLite, which has one writer.
    func lock(_ tables: [CopiedTable]) throws {
        guard dialect == .postgreSQL else { return }
        try script("LOCK TABLE \(tables.map(\.name.quoted).joined(separator: ", ")) IN SHARE ROW EXCLUSIVE MODE")
    }
}
