// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
package import SQL

/// What a backup file says of itself, beside the rows: when, of what, and the checksums to hold it to.
package struct BackupManifest: Sendable, Hashable {
    /// The moment of the backup.
    package let madeAt: Timestamp
    /// `sqlite` or `postgresql`.
    package let source: String
    /// The version of the program that made it.
    package let program: String
    package let schema: Int64
    package let lineage: Lineage
    package let revision: Revision
    package let committedAt: Timestamp
    package let tables: [TableDigest]
    package let files: [File]

    /// A file beside the database that a restore needs.
    package struct File: Sendable, Hashable {
        package let name: String
        package let content: [UInt8]

        package init(name: String, content: [UInt8]) {
            self.name = name
            self.content = content
        }
    }

    package var rows: Int64 { tables.reduce(0) { $0 + $1.rows } }

    /// The form of the file. A program that meets a greater one refuses.
    static let format: Int64 = 1

    /// The manifest's own tables.
    static let tables: Set<String> = ["backup", "backup_table", "backup_file"]

    /// The entries that are known before the copy begins.
    package struct Origin: Sendable {
        package let madeAt: Timestamp
        package let source: SQLDialect
        package let program: String
        package let files: [File]

        package init(madeAt: Timestamp, source: SQLDialect, program: String, files: [File]) {
            self.madeAt = madeAt
            self.source = source
            self.program = program
            self.files = files
        }
    }

    init(_ origin: Origin, _ copy: CopyResult) {
        madeAt = origin.madeAt
        source =
            switch origin.source {
            case .sqlite: "sqlite"
            case .postgreSQL: "postgresql"
            }
        program = origin.program
        files = origin.files.sorted { $0.name < $1.name }
        schema = copy.schema
        lineage = copy.sourceLineage
        revision = copy.revision
        committedAt = copy.committedAt
        tables = copy.tables
    }
}

extension BackupManifest {
    private static let script = """
        CREATE TABLE backup (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) STRICT;
        CREATE TABLE backup_table (
            position INTEGER PRIMARY KEY, name TEXT NOT NULL, rows INTEGER NOT NULL, checksum TEXT NOT NULL) STRICT;
        CREATE TABLE backup_file (name TEXT PRIMARY KEY NOT NULL, content BLOB NOT NULL) STRICT;
        """

    private var entries: [(key: String, value: String)] {
        [
            ("committed_at", String(committedAt.milliseconds)), ("format", String(Self.format)),
            ("lineage", lineage.rawValue), ("made_at", String(madeAt.milliseconds)), ("program", program),
            ("revision", revision.description), ("schema", String(schema)), ("source", source),
        ]
    }

    /// Tells whether the manifest itself is what was written.
    private var seal: String {
        var builder = TableDigest.Builder("backup")
        builder.add(entries.map { SQLRow(values: [.text("entry"), .text($0.key), .text($0.value)]) })
        builder.add(
            tables.enumerated().map { index, table in
                SQLRow(values: [
                    .text("table"), .integer(Int64(index)), .text(table.table), .integer(table.rows),
                    .text(table.checksum.description),
                ])
            })
        builder.add(files.map { SQLRow(values: [.text("file"), .text($0.name), .blob($0.content)]) })
        return builder.digest.checksum.description
    }

    func write(_ connection: any Connection) throws {
        try connection.script(Self.script)
        for (key, value) in entries + [("seal", seal)] {
            try connection.execute("INSERT INTO backup (key, value) VALUES (\(key), \(value))")
        }
        for (index, table) in tables.enumerated() {
            try connection.execute(
                """
                INSERT INTO backup_table (position, name, rows, checksum)
                VALUES (\(Int64(index)), \(table.table), \(table.rows), \(table.checksum.description))
                """)
        }
        for file in files {
            try connection.execute("INSERT INTO backup_file (name, content) VALUES (\(file.name), \(file.content))")
        }
    }

    /// Reads it. Throws if this is no backup, one that the program is too old for, or one that is damaged.
    package static func read(
        _ connection: any Connection, migrations: [Migrator.Migration] = Migrator.migrations
    ) throws -> BackupManifest {
        let found = try connection.first(
            "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name \(in: tables)")
        guard try found?.get(0, as: Int64.self) == Int64(tables.count) else {
            throw CopyError(
                .damaged, "this is a database, but no backup: it has no manifest. Was it made by `consultease backup`?")
        }
        var values: [String: String] = [:]
        for row in try connection.query("SELECT key, value FROM backup") { values[try row.get(0)] = try row.get(1) }
        guard let format = values["format"].flatMap({ Int64($0) }) else { throw damaged }
        guard format <= Self.format else {
            throw CopyError(
                .unknownSchema,
                "the file has the format \(format), this program knows \(Self.format): use a newer consultease")
        }
        let manifest = try BackupManifest(values, connection)
        guard values["seal"] == manifest.seal else { throw damaged }
        let known = migrations.last?.version ?? 0
        guard manifest.schema <= known else {
            throw CopyError(
                .unknownSchema,
                "the backup has schema \(manifest.schema), newer than this program's \(known): use a newer consultease")
        }
        return manifest
    }

    private static let damaged = CopyError(
        .damaged, "the manifest is not what was written once: the file is damaged; take an older backup")

    private init(_ values: [String: String], _ connection: any Connection) throws {
        func number(_ key: String) throws -> Int64 {
            guard let number = values[key].flatMap({ Int64($0) }) else { throw Self.damaged }
            return number
        }
        guard let lineage = values["lineage"].flatMap({ Lineage($0) }), let source = values["source"],
            let program = values["program"]
        else { throw Self.damaged }
        self.lineage = lineage
        self.source = source
        self.program = program
        madeAt = Timestamp(milliseconds: try number("made_at"))
        schema = try number("schema")
        revision = Revision(try number("revision"))
        committedAt = Timestamp(milliseconds: try number("committed_at"))
        tables = try connection.query("SELECT name, rows, checksum FROM backup_table ORDER BY position").map { row in
            guard let checksum = RowChecksum.Value(try row.get(2, as: String.self)) else { throw Self.damaged }
            return TableDigest(table: try row.get(0), rows: try row.get(1), checksum: checksum)
        }
        files = try connection.query("SELECT name, content FROM backup_file ORDER BY name").map { row in
            File(name: try row.get(0), content: try row.get(1))
        }
    }
}

extension RowChecksum.Value {
    /// Reads 32 hexadecimal digits.
    init?(_ text: String) {
        guard text.utf8.count == 32, let first = UInt64(text.prefix(16), radix: 16),
            let second = UInt64(text.suffix(16), radix: 16)
        else { return nil }
        self.init(first: first, second: second)
    }
}
