// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser
import Desk
import Domain
import Foundation
import SQL
import SQLite
import Store

struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Put a backup back, or see whether it could be.",
        discussion: """
            The backup is first made into a scratch database and opened as the server would open it. Then it takes the place of \
            an empty database, with a new lineage, so that every screen starts afresh by itself. Whatever was written after the \
            backup was made is not in it. Desk units whose credentials the data folder lacks get them from the backup.

            Examples:
              consultease restore --verify \\
                consultease-data/backups/consultease-20261124T104301Z.backup
              consultease restore /mnt/stick/consultease.backup
              consultease restore /mnt/stick/consultease.backup --replace
              consultease restore /mnt/stick/consultease.backup \\
                --database postgres://consultease@db.example/consultease

            Stop the server first. Exit code 0 where it is restored, or would be; 1 where not; 64 for a wrong command line.
            """)

    @OptionGroup var data: DataOptions

    @Argument(
        help: ArgumentHelp("A file that `consultease backup` made.", valueName: "file"),
        completion: .file(extensions: ["backup"]))
    var file: String

    @Flag(help: "Change nothing: check the file, restore it into a scratch database, and open that.")
    var verify = false

    @Flag(help: "Replace a database that is not empty; a backup of it is made first.")
    var replace = false

    @Flag(help: "Print one JSON object for scripts.")
    var json = false

    func validate() throws {
        if verify, replace { throw ValidationError("--verify changes nothing, --replace does: give one of them") }
    }

    func run() async throws {
        let settings = try await Settings.resolve(data.flags)
        restrictFileMode()
        let file = try await opened()
        defer { try? file.close() }  // Only read.
        let manifest = try await checked(file)
        do {
            if verify {
                let folder = FileManager.default.temporaryDirectory
                let rehearsal = try await Rehearsal.of(manifest, file, in: folder) { $0 }
                try RestoreReport(manifest: manifest, rehearsal: rehearsal, outcome: nil).print(
                    self.file, json: json, time: settings.localTime)
            } else {
                try await restore(file, manifest, settings)
            }
        } catch let error as SQLError {
            throw CommandError("not restored: \(error)")
        }
    }

    private func opened() async throws -> SQLiteEngine {
        _ = try FileReading.opened(file)
        do {
            return try await Backup.readable { try SQLiteEngine.readOnly(at: file) }
        } catch {
            throw CommandError("\(file): \(error)")
        }
    }

    private func checked(_ engine: SQLiteEngine) async throws -> BackupManifest {
        let progress = CopyProgress("Checking")
        defer { progress.end() }
        do {
            return try await Backup.verify(engine) { progress.show($0) }
        } catch {
            throw CommandError("\(file): \(error)")
        }
    }

    private func restore(_ file: SQLiteEngine, _ manifest: BackupManifest, _ settings: Settings) async throws {
        let lock = try ServingLock(settings)
        let outcome: RestoreReport.Outcome
        let rehearsal: Rehearsal
        switch settings.database {
        case .sqlite(let path):
            // Follows a link, so that the link itself stays.
            let path = DataFolderPath.resolved(path)
            let place = FilePlace(path: path, dataFolder: settings.dataFolder)
            try await place.requireFree(replaces: replace)
            var former = FilePlace.Former.nothing
            rehearsal = try await Rehearsal.of(
                manifest, file, in: URL(filePath: path).deletingLastPathComponent()
            ) { rehearsal in
                former = try await place.put(rehearsal.database, replaces: replace)
                return rehearsal
            }
            outcome = .init(settings, former)
        case .postgreSQL:
            let place = ServerPlace(location: settings.database, dataFolder: settings.dataFolder)
            var former: URL?
            rehearsal = try await Rehearsal.of(manifest, file, in: FileManager.default.temporaryDirectory) {
                rehearsal in
                former = try await place.fill(from: rehearsal, replaces: replace).former
                return rehearsal
            }
            outcome = .init(settings, former.map { .backedUp($0) } ?? .nothing)
        }
        let units = try await Self.finished(manifest, settings, rehearsal.lineage)
        try RestoreReport(manifest: manifest, rehearsal: rehearsal, outcome: outcome.with(units: units))
            .print(
                self.file, json: json, time: settings.localTime)
        _ = consume lock
    }

    /// Does the remaining steps after the database was restored; if one fails, the database stays restored. Returns how
    /// many units got their credentials from the backup.
    private static func finished(
        _ manifest: BackupManifest, _ settings: Settings, _ lineage: Lineage
    ) async throws -> Int? {
        do {
            try await requireOpens(settings, lineage)
        } catch {
            throw CommandError(
                "restored into \(settings.database), but it could not be opened afterwards: \(error). `consultease doctor` looks"
            )
        }
        // The note names the restored database, or the next start would report that the former one is missing.
        do {
            try DatabaseNote(lineage: lineage.rawValue, database: "\(settings.database)").write(in: settings.dataFolder)
        } catch {
            Note.print("The folder could not note which database it holds now: \(error)")
        }
        do {
            return try addCredentials(of: manifest, settings)
        } catch {
            throw CommandError(
                "restored into \(settings.database), but the desk units' credentials were not: \(error). Give each unit a new one with `consultease unit credential`"
            )
        }
    }

    /// Opens the restored database the way every command does, and checks its lineage.
    private static func requireOpens(_ settings: Settings, _ lineage: Lineage) async throws {
        let store = try await OpenedStore.forCommand(settings)
        defer { try? store.close() }  // Only read.
        guard store.lineage == lineage else {
            throw CommandError("\(settings.database) has the lineage \(store.lineage): another program has replaced it")
        }
    }

    /// Adds the missing credentials of units from the backup and returns how many; nil if an external broker keeps
    /// them.
    private static func addCredentials(of manifest: BackupManifest, _ settings: Settings) throws -> Int? {
        guard settings.broker == nil else { return nil }
        guard let file = manifest.files.first(where: { $0.name == BackupWriter.credentials }) else { return 0 }
        let folder = BrokerFolder(in: settings.dataFolder)
        let added = try folder.addMissing(credentials: String(decoding: file.content, as: UTF8.self))
        if added > 0 { EmbeddedBroker.reload(folder) }
        return added
    }
}
