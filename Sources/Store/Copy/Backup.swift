// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import SQL

/// One portable file with a database in it: SQLite's, whichever engine it came from, with a manifest to hold it to.
///
/// The engine of the file is the caller's to open and to close; `docs/decisions/0010-backup-format.md` tells the form.
package enum Backup {
    /// Copies `source` into the new, empty file behind `file`, and writes the manifest in the same transaction.
    package static func make(
        of source: any Engine, into file: any Engine, _ origin: BackupManifest.Origin,
        migrations: [Migrator.Migration] = Migrator.migrations,
        onProgress: @escaping @Sendable (Copier.Progress) -> Void = { _ in }
    ) async throws -> (manifest: BackupManifest, otherTables: [String]) {
        var plan = Copier.Plan()
        plan.migrations = migrations
        let result = try await Copier(from: source, to: file).run(plan, onProgress: onProgress) { connection, copy in
            try BackupManifest(origin, copy).write(connection)
        }
        return (BackupManifest(origin, result), result.otherTables)
    }

    /// Reads all of the file: SQLite's own check, the manifest's seal, every table's rows and checksum, and references.
    package static func verify(
        _ file: any Engine, migrations: [Migrator.Migration] = Migrator.migrations,
        onProgress: @escaping @Sendable (Copier.Progress) -> Void = { _ in }
    ) async throws -> BackupManifest {
        try await readable {
            try await file.read { connection in
                let manifest = try BackupManifest.read(connection, migrations: migrations)
                let problems = try connection.query("PRAGMA integrity_check(5)").map { try $0.get(0, as: String.self) }
                guard problems == ["ok"] else {
                    throw CopyError(.damaged, "the file is damaged: \(problems.joined(separator: "; "))")
                }
                var rows: Int64 = 0
                let found = try TableDigest.all(schema: manifest.schema, connection) { more in
                    rows += Int64(more)
                    onProgress(.init(table: "", rows: rows, total: manifest.rows))
                }
                guard found == manifest.tables else {
                    let tables = found.filter { !manifest.tables.contains($0) }.map(\.table).joined(separator: ", ")
                    throw CopyError(.damaged, "the rows of \(tables) differ from their checksums: take an older backup")
                }
                guard try connection.query("PRAGMA foreign_key_check").isEmpty else {
                    throw CopyError(.damaged, "rows refer to others that are not there: take an older backup")
                }
                return manifest
            }
        }
    }

    /// Copies the file's rows into an empty database, held to the manifest. The lineage is `plan`'s.
    package static func unpack(
        _ file: any Engine, _ manifest: BackupManifest, into target: any Engine, _ plan: Copier.Plan,
        onProgress: @escaping @Sendable (Copier.Progress) -> Void = { _ in }
    ) async throws -> CopyResult {
        var plan = plan
        plan.expected = manifest.tables
        let settled = plan
        return try await readable {
            try await Copier(from: file, to: target).run(settled, onProgress: onProgress)
        }
    }

    /// Opens or reads a file that the caller named; the error says so if SQLite can't read it.
    package static func readable<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as SQLError where error.code == .cannotOpen {
            throw CopyError(
                .damaged, "the file is no backup, or damaged, or cut short (\(error)): take another one")
        } catch let error as SQLError where error.code == .unexpectedValue || error.code == .statement {
            throw CopyError(.damaged, "the file does not hold what a backup holds (\(error)): take another one")
        }
    }
}
