// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
package import SQL

/// Makes a database and brings an older one up to date. Only `serve`, `demo` and `admin init` migrate; other commands
/// refuse.
package enum Migrator {
    /// One step of the schema. Versions rise by one, and a landed script never changes: a later schema is a new step.
    package struct Migration: Sendable {
        package let version: Int64
        package let script: @Sendable (SQLDialect) -> String

        package init(version: Int64, script: @escaping @Sendable (SQLDialect) -> String) {
            self.version = version
            self.script = script
        }

        /// - Parameters:
        ///   - sqlite: the UTF-8 text of the script for SQLite.
        ///   - postgreSQL: that for PostgreSQL.
        fileprivate init(version: Int64, sqlite: [UInt8], postgreSQL: [UInt8]) {
            self.init(version: version) { dialect in
                String(decoding: dialect == .sqlite ? sqlite : postgreSQL, as: UTF8.self)
            }
        }
    }

    package static let migrations: [Migration] = [
        Migration(
            version: 1, sqlite: PackageResources.schema1_sqlite_sql, postgreSQL: PackageResources.schema1_postgresql_sql
        ),
        Migration(
            version: 2, sqlite: PackageResources.schema2_sqlite_sql, postgreSQL: PackageResources.schema2_postgresql_sql
        ),
        Migration(
            version: 3, sqlite: PackageResources.schema3_sqlite_sql, postgreSQL: PackageResources.schema3_postgresql_sql
        ),
        Migration(
            version: 4, sqlite: PackageResources.schema4_sqlite_sql, postgreSQL: PackageResources.schema4_postgresql_sql
        ),
    ]

    /// The schema that this program reads and writes.
    package static var currentVersion: Int64 { migrations.last?.version ?? 0 }

    /// PostgreSQL's advisory lock for migrations; any number that nothing else here uses.
    private static let migrationLock: Int64 = 0x434F_4E53_5251

    /// Applies what is missing, in one transaction. Returns the version found and the version now.
    package static func migrate(
        _ engine: any Engine, lineage: Lineage, migrations: [Migration] = migrations
    ) async throws -> (from: Int64, to: Int64) {
        try await engine.write { connection in
            // Two servers that start at once on an empty database: one makes it, the other finds it made.
            if connection.dialect == .postgreSQL {
                try connection.script("SELECT pg_advisory_xact_lock(\(migrationLock))")
            }
            let found = try installedVersion(connection)
            try refuseNewer(found, migrations)
            for migration in migrations where migration.version > found {
                do {
                    try connection.script(migration.script(connection.dialect))
                } catch let error as SQLError {
                    throw SQLError(
                        code: error.code, message: "the step to schema \(migration.version) failed: \(error.message)")
                }
            }
            if found == 0 { try Meta.set("lineage", lineage.rawValue, connection) }
            let version = migrations.last?.version ?? 0
            try Meta.set("schema", String(version), connection)
            return (found, version)
        }
    }

    /// Throws, with the remedy, unless the database has exactly this program's schema.
    package static func requireCurrentSchema(_ connection: any Connection) throws {
        try requireCurrent(try installedVersion(connection))
    }

    static func requireCurrent(_ found: Int64) throws {
        try refuseNewer(found)
        guard found == currentVersion else {
            throw SQLError(
                code: .cannotOpen,
                message: found == 0
                    ? "there is no ConsultEase database here yet: start `consultease serve` once, which makes it"
                    : "the database has schema \(found), this program needs \(currentVersion): start `consultease serve`, which upgrades it"
            )
        }
    }

    static func refuseNewer(_ found: Int64, _ migrations: [Migration] = migrations) throws {
        let known = migrations.last?.version ?? 0
        guard found <= known else {
            throw SQLError(
                code: .cannotOpen,
                message:
                    "the database has schema \(found), newer than this program's \(known): use a newer consultease"
            )
        }
    }

    /// 0 if there is no database of ours.
    package static func installedVersion(_ connection: any Connection) throws -> Int64 {
        guard try isMade(connection) else { return 0 }
        return Meta.schema(try Meta.value("schema", connection))
    }

    /// Whether a database of ours was ever made there, of whatever schema.
    package static func isMade(_ connection: any Connection) throws -> Bool {
        let tables: SQLStatement =
            switch connection.dialect {
            case .sqlite: "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'meta'"
            case .postgreSQL:
                "SELECT count(*) FROM information_schema.tables WHERE table_name = 'meta' AND table_schema = current_schema()"
            }
        return try connection.first(tables)?.get(0, as: Int64.self) ?? 0 > 0
    }
}
