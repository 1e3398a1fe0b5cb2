// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
package import SQL

/// Makes a database and brings an older one up to date. Only `serve`, `demo` and `admin init` migrate; other commands refuse.
package enum Migrator {
    /// One step of the schema: numbers rise by one and a landed step never changes.
    struct Migration: Sendable {
        let version: Int64
        let script: @Sendable (SQLDialect) -> String
    }

    static let migrations: [Migration] = [
        Migration(version: 1, script: Schema1.script)
    ]

    /// The schema that this program reads and writes.
    package static var currentVersion: Int64 { migrations.last?.version ?? 0 }

    /// Applies what is missing, in one transaction. Returns the version found and the version now.
    package static func migrate(
        _ engine: any Engine, lineage: Lineage
    ) async throws -> (from: Int64, to: Int64) {
        try await engine.write { connection in
            let found = try installedVersion(connection)
            try refuseNewer(found)
            for migration in migrations where migration.version > found {
                try connection.script(migration.script(connection.dialect))
            }
            if found == 0 { try Meta.set("lineage", lineage.rawValue, connection) }
            try Meta.set("schema", String(currentVersion), connection)
            return (found, currentVersion)
        }
    }

    /// Throws, with the remedy, unless the database has exactly this program's schema.
    package static func requireCurrentSchema(_ connection: any Connection) throws {
        let found = try installedVersion(connection)
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

    private static func refuseNewer(_ found: Int64) throws {
        guard found <= currentVersion else {
            throw SQLError(
                code: .cannotOpen,
                message:
                    "the database has schema \(found), newer than this program's \(currentVersion): use a newer consultease"
            )
        }
    }

    private static func installedVersion(_ connection: any Connection) throws -> Int64 {
        let tables: SQLStatement =
            switch connection.dialect {
            case .sqlite: "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'meta'"
            case .postgreSQL: "SELECT count(*) FROM information_schema.tables WHERE table_name = 'meta'"
            }
        guard try connection.first(tables)?.get(0, as: Int64.self) ?? 0 > 0 else { return 0 }
        return try Meta.value("schema", connection).flatMap { Int64($0) } ?? 0
    }
}
