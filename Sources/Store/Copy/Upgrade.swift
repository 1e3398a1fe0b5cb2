// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
package import SQL

/// What is done before an older database is brought to this program's schema: look whether it is well and whether there
/// is space, and make a backup. The server calls `Migrator.migrate` afterwards.
package enum Upgrade {
    /// A database that has to be upgraded.
    package struct Step: Sendable, Hashable {
        package let from: Int64
        package let to: Int64
        /// How much the database holds, in bytes.
        package let size: Int64
    }

    /// The step that was finished.
    package struct Prepared: Sendable, Hashable {
        package let step: Step
        /// Where the backup is, as `backup` said.
        package let backup: String
    }

    /// What tells a state of a database from every other: a backup of the same state is as good as a new one.
    package struct State: Sendable, Hashable {
        let schema: Int64
        let lineage: Lineage
        let revision: Revision
        /// Transactions that change nothing shown have no revision of their own.
        let committedAt: Timestamp

        package init(of manifest: BackupManifest) {
            schema = manifest.schema
            lineage = manifest.lineage
            revision = manifest.revision
            committedAt = manifest.committedAt
        }

        fileprivate init(_ connection: any Connection) throws {
            schema = try Migrator.installedVersion(connection)
            lineage = try Meta.lineage(connection)
            revision = try RevisionRow.current(connection)
            committedAt = try RevisionRow.clocks(connection).lastCommit
        }
    }

    /// The state of a database of this schema or an older one.
    package static func state(_ connection: any Connection) throws -> State { try State(connection) }

    /// The backup, and the journal of the migration, which may write every row anew; and room to go on afterwards.
    private static func needed(_ size: Int64) -> Int64 { 2 * size + (64 << 20) }

    /// Nil if there is nothing to upgrade: no database yet, or one of this schema.
    ///
    /// - Parameters:
    ///   - freeBytes: how much space there is where the backup and the database are; nil if unknown.
    ///   - backup: makes a backup and returns where it is. Not called if a check fails.
    /// - Throws: `CopyError` with the remedy, `SQLError.Code.cannotOpen` for a newer schema. Nothing has been changed
    ///   then.
    package static func prepare(
        _ engine: any Engine, migrations: [Migrator.Migration] = Migrator.migrations,
        freeBytes: @Sendable () -> Int64?, backup: (Step) async throws -> String
    ) async throws -> Prepared? {
        let current = migrations.last?.version ?? 0
        let found = try await engine.read { connection in
            let found = try Migrator.installedVersion(connection)
            try Migrator.refuseNewer(found, migrations)
            return found
        }
        guard found > 0, found < current else { return nil }
        let step = Step(from: found, to: current, size: try await engine.read { try checked($0) })
        if let free = freeBytes(), free < needed(step.size) {
            throw CopyError(
                .refused,
                "upgrading from schema \(found) to \(current) needs \(needed(step.size) >> 20) MB of free space, there are \(free >> 20): make room, and start again; nothing was changed"
            )
        }
        do {
            return Prepared(step: step, backup: try await backup(step))
        } catch {
            throw CopyError(
                .refused,
                "no backup could be made before upgrading from schema \(found) to \(current), so nothing was changed: \(error)"
            )
        }
    }

    /// Looks whether the database is whole, and returns its size.
    private static func checked(_ connection: any Connection) throws -> Int64 {
        switch connection.dialect {
        case .sqlite:
            let problems = try connection.query("PRAGMA quick_check(5)").map { try $0.get(0, as: String.self) }
            guard problems == ["ok"] else {
                throw CopyError(
                    .refused,
                    "the database is damaged, so it is not upgraded: \(problems.joined(separator: "; ")). `consultease doctor` says what to do"
                )
            }
            let pages = try connection.first("PRAGMA page_count")?.get(0, as: Int64.self) ?? 0
            return try pages * (connection.first("PRAGMA page_size")?.get(0, as: Int64.self) ?? 0)
        case .postgreSQL:
            return try connection.first("SELECT pg_database_size(current_database())")?.get(0, as: Int64.self) ?? 0
        }
    }
}
