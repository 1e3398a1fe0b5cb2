// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Foundation
import Logging
import SQL
import SQLite
import Store

/// Backs an older database up once before `serve` upgrades it. See `Upgrade`.
enum UpgradeBackup {
    /// Creates the schema, or upgrades an older one, and returns the schema version that it found: 0 if there was none.
    ///
    /// An older database is backed up into the data folder first; a repeated start finds that backup and makes no
    /// second one. Throws, without having changed anything, if the database can't or must not be upgraded now or by
    /// this program.
    static func upgraded(_ engine: any Engine, _ settings: Settings, logger: Logger) async throws -> Int64 {
        let prepared = try await prepare(engine, settings, logger: logger)
        var generator = SystemRandomNumberGenerator()
        let lineage = Lineage(using: &generator)
        guard let prepared else { return try await Migrator.migrate(engine, lineage: lineage).from }
        let (from, to) = (prepared.step.from, prepared.step.to)
        logger.notice(
            "Upgrading the database; to go back, restore the backup with the program that made it",
            metadata: ["from": "\(from)", "to": "\(to)", "backup": "\(prepared.backup)"])
        do {
            return try await Migrator.migrate(engine, lineage: lineage).from
        } catch {
            let reason = "\(error)".split(whereSeparator: \.isNewline).first.map(String.init) ?? "no reason was given"
            throw CommandError(
                "\(settings.database) could not be upgraded from schema \(from) to \(to): \(reason). Nothing was changed; its backup is \(prepared.backup). Use the former program until the cause is mended"
            )
        }
    }

    private static func prepare(
        _ engine: any Engine, _ settings: Settings, logger: Logger
    ) async throws -> Upgrade.Prepared? {
        let folder = settings.dataFolder
        return try await Upgrade.prepare(
            engine, freeBytes: { freeBytes(at: folder) },
            backup: { step in
                if let made = await existing(of: engine, in: BackupFolder(in: folder)) {
                    logger.notice(
                        "The database has an older schema, and a backup of it as it is: no other one is made",
                        metadata: ["from": "\(step.from)", "to": "\(step.to)", "backup": "\(made.path)"])
                    return made.path
                }
                logger.notice(
                    "The database has an older schema: backing it up before it is upgraded",
                    metadata: ["from": "\(step.from)", "to": "\(step.to)", "bytes": "\(step.size)"])
                return try await BackupFolder(in: folder).writeNew(of: engine, CopyProgress("Backing up")).file.path
            })
    }

    /// A backup in the folder of just this state of the database, read whole; nil if there is none that is good.
    private static func existing(of engine: any Engine, in folder: BackupFolder) async -> URL? {
        guard let state = try? await engine.read({ try Upgrade.state($0) }) else { return nil }
        for file in folder.all().reversed() {
            guard let manifest = await BackupFolder.manifest(of: file), Upgrade.State(of: manifest) == state,
                let opened = try? SQLiteEngine.readOnly(at: file.path)
            else { continue }
            let verified = try? await Backup.verify(opened)
            try? opened.close()  // Only read.
            if verified != nil { return file }
        }
        return nil
    }

    private static func freeBytes(at folder: URL) -> Int64? {
        let attributes = try? FileManager.default.attributesOfFileSystem(forPath: folder.path)
        return (attributes?[.systemFreeSize] as? NSNumber)?.int64Value
    }
}
