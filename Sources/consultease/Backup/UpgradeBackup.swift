// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation
import Logging
import SQL
import Store

/// What `serve` does before it migrates an older database: see `Upgrade`.
enum UpgradeBackup {
    /// Looks, and makes a backup in the data folder, where the database has an older schema; otherwise does nothing. Throws
    /// where the database must not be upgraded now, or not by this program; nothing has been changed then.
    static func prepare(_ engine: any Engine, _ settings: Settings, logger: Logger) async throws {
        let folder = settings.dataFolder
        let prepared = try await Upgrade.prepare(
            engine, freeBytes: { freeBytes(at: folder) },
            backup: { step in
                logger.notice(
                    "The database has an older schema: backing it up before it is upgraded",
                    metadata: ["from": "\(step.from)", "to": "\(step.to)", "bytes": "\(step.size)"])
                return try await BackupFolder(in: folder).writeNew(of: engine, CopyProgress("Backing up")).file.path
            })
        guard let prepared else { return }
        logger.notice(
            "Upgrading the database; to go back, restore the backup with the program that made it",
            metadata: [
                "from": "\(prepared.step.from)", "to": "\(prepared.step.to)", "backup": "\(prepared.backup)",
            ])
    }

    private static func freeBytes(at folder: URL) -> Int64? {
        let attributes = try? FileManager.default.attributesOfFileSystem(forPath: folder.path)
        return (attributes?[.systemFreeSize] as? NSNumber)?.int64Value
    }
}
