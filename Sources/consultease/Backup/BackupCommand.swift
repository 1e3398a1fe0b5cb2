// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser
import Domain
import Foundation
import SQL
import Store

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy the whole database into one file, while the server runs or not.",
        discussion: """
            The file holds one moment of the database, with each table's count and checksum, and the desk units' credentials \
            (hashes). It is its owner's alone, and the same from SQLite and PostgreSQL. It does not hold what the broker has \
            not handed over yet, the broker's own password, nor the file that --config names.

            Examples:
              consultease backup
              consultease backup --keep 14
              consultease backup /mnt/stick/consultease.backup
              consultease restore --verify /mnt/stick/consultease.backup

            Exit code 0 with a whole backup, 1 without one, 64 for a wrong command line.
            """)

    @OptionGroup var data: DataOptions

    @Argument(
        help: ArgumentHelp(
            "A new file. Default: consultease-TIME.backup in the data folder's backups.", valueName: "file"),
        completion: .file(extensions: ["backup"]))
    var file: String?

    @Option(
        help: ArgumentHelp(
            "Afterwards remove all but this many from the data folder's backups: this one and the newest. The last good one of another lineage stays.",
            valueName: "number"))
    var keep: Int?

    @Flag(help: "Print one JSON object for scripts.")
    var json = false

    func validate() throws {
        if let keep {
            guard keep > 0 else { throw ValidationError("--keep needs a number from 1") }
            guard file == nil else {
                throw ValidationError("--keep looks after the data folder's backups: leave out the file, or --keep")
            }
        }
    }

    func run() async throws {
        let settings = try await Settings.resolve(data.flags)
        restrictFileMode()
        let began = ContinuousClock.now
        let backups = BackupFolder(in: settings.dataFolder)
        let engine = try await OpenedStore.existingEngine(for: settings.database)
        defer { try? engine.close() }  // Only read.
        let written: BackupWriter.Written
        do {
            let progress = CopyProgress("Backing up")
            if let file {
                written = try await BackupWriter(engine: engine, dataFolder: settings.dataFolder)
                    .write(to: URL(filePath: file).absoluteURL, progress)
            } else {
                written = try await backups.writeNew(of: engine, progress)
            }
        } catch let error as SQLError {
            throw CommandError("there is no backup: \(error). `consultease doctor` looks at the database and its disk")
        }
        // Old backups are removed only when the new one is complete.
        let pruned = if let keep { try await backups.prune(keeping: keep, with: written) } else { [URL]() }
        try report(written, pruned, settings, took: began.duration(to: .now))
    }

    private func report(
        _ written: BackupWriter.Written, _ pruned: [URL], _ settings: Settings, took: Duration
    ) throws {
        let manifest = written.manifest
        CopyTable.note(otherTables: written.otherTables)
        if json {
            try JSONOutput.print(BackupOutput(written, pruned: pruned, took: took))
            return
        }
        CopyTable.print(manifest.tables)
        print("")
        print(
            "Backed up \(settings.database) at revision \(manifest.lineage)-\(manifest.revision): \(manifest.rows) rows, \(written.bytes >> 10) KB"
        )
        for file in pruned { print("Removed \(file.lastPathComponent)") }
        // The path is the last line, so that a script can take it with `tail`.
        print(written.file.path)
    }
}

/// The result of a backup in JSON.
private struct BackupOutput: Encodable {
    let file: String
    let bytes: Int64
    let madeAt: String
    let source: String
    let lineage: String
    let revision: String
    let schema: Int64
    let rows: Int64
    let seconds: Double
    let tables: [TableOutput]
    let files: [String]
    let notCopied: [String]
    let removed: [String]

    enum CodingKeys: String, CodingKey {
        case file, bytes, source, lineage, revision, schema, rows, seconds, tables, files, removed
        case madeAt = "made_at"
        case notCopied = "not_copied"
    }

    init(_ written: BackupWriter.Written, pruned: [URL], took: Duration) {
        let manifest = written.manifest
        file = written.file.path
        bytes = written.bytes
        madeAt = manifest.madeAt.iso8601
        source = manifest.source
        lineage = manifest.lineage.rawValue
        revision = RevisionTag(lineage: manifest.lineage, revision: manifest.revision).description
        schema = manifest.schema
        rows = manifest.rows
        seconds = (took / .seconds(1) * 1000).rounded() / 1000
        tables = manifest.tables.map(TableOutput.init)
        files = manifest.files.map(\.name)
        notCopied = written.otherTables
        removed = pruned.map(\.path)
    }
}
