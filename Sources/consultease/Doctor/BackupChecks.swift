// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation

/// Checks that the data folder has a backup that is recent and not empty.
struct BackupChecks {
    let settings: Settings

    private static let name = "backups"
    /// The nightly timer's interval, with its random delay and a slow night.
    private static let oldest: TimeInterval = 30 * 3600
    /// Allowance for the clock of another machine, if the folder is on a network file system.
    private static let slack: TimeInterval = 60

    func run(now: Date = Date()) -> Finding {
        let folder = BackupFolder(in: settings.dataFolder)
        guard let newest = folder.newest() else { return none(in: folder.url, now) }
        let age = now.timeIntervalSince(newest.completedAt)
        let detail = "\(newest.file.lastPathComponent), \(Self.text(age)) old, \(newest.bytes / 1000) kB"
        guard newest.bytes > 0 else {
            return .failed(Self.name, "\(newest.file.path) is empty", fix: "make another: \(Self.command)")
        }
        guard age >= -Self.slack else {
            return .failed(
                Self.name,
                "\(newest.file.path) is dated \(Self.text(-age)) ahead, so the age of the newest is unknown",
                fix:
                    "\(ClockFix.text); then give the file its own time (touch) or move it away, and make another: \(Self.command)"
            )
        }
        guard age <= Self.oldest else {
            return .failed(
                Self.name, detail,
                fix:
                    "see why none is made: systemctl status consultease-backup.timer consultease-backup; now: \(Self.command)"
            )
        }
        return .ok(Self.name, detail)
    }

    private static let command = "consultease backup, with the flags that were given here"

    private func none(in folder: URL, _ now: Date) -> Finding {
        guard settings.database.path != nil else {
            return .skipped(Self.name, "none in \(folder.path): see that PostgreSQL's own are made")
        }
        // The lock is created at the first start and never modified, so its date is the age of the folder.
        let lock = settings.dataFolder.appending(path: "lock").path
        let attributes = try? FileManager.default.attributesOfItem(atPath: lock)
        guard let begun = attributes?[.modificationDate] as? Date, now.timeIntervalSince(begun) > Self.oldest else {
            return .ok(Self.name, "none yet: the folder is younger than a day")
        }
        return .failed(
            Self.name, "none was ever made in \(folder.path)",
            fix: "systemctl enable --now consultease-backup.timer, or by hand: \(Self.command)")
    }

    private static func text(_ age: TimeInterval) -> String {
        age < 7200 ? "\(Int(age / 60)) min" : "\(Int(age / 3600)) h"
    }
}
