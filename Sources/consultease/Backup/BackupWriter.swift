// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser
import Desk
import Foundation
import SQL
import SQLite
import Store

/// Writes a backup under a temporary name, makes it durable, then renames it: a file of the final name is complete.
struct BackupWriter {
    /// The database to back up. The caller closes it.
    let engine: any Engine
    let dataFolder: URL

    struct Written {
        let file: URL
        let bytes: Int64
        let manifest: BackupManifest
        let otherTables: [String]
    }

    /// The name of the units' credentials in the manifest.
    static let credentials = "broker/passwords"

    /// Throws if the file exists: a backup never replaces another file.
    func write(to file: URL, _ progress: CopyProgress) async throws -> Written {
        guard !FileManager.default.fileExists(atPath: file.path) else {
            throw CommandError("\(file.path) is there already: name a new file")
        }
        let aside = file.deletingLastPathComponent()
            .appending(path: ".\(file.lastPathComponent).\(getpid()).part")
        try Self.create(aside, for: file)
        do {
            let made = try await fill(aside, progress)
            try Self.makeDurable(aside)
            // Checked again, because the copy takes long. Two commands with one file name are the operator's mistake.
            guard !FileManager.default.fileExists(atPath: file.path), rename(aside.path, file.path) == 0 else {
                throw CommandError("\(file.path) could not be given its name: name a new file")
            }
            try Self.makeDurable(file.deletingLastPathComponent())
            let size = try FileManager.default.attributesOfItem(atPath: file.path)[.size] as? NSNumber
            return Written(
                file: file, bytes: size?.int64Value ?? 0, manifest: made.manifest, otherTables: made.otherTables)
        } catch {
            for path in [aside.path, aside.path + "-journal"] { unlink(path) }
            throw error
        }
    }

    private func fill(_ aside: URL, _ progress: CopyProgress) async throws -> (
        manifest: BackupManifest, otherTables: [String]
    ) {
        let credentials = BrokerFolder(in: dataFolder).unitCredentials().map {
            BackupManifest.File(name: Self.credentials, content: Array($0.utf8))
        }
        let origin = BackupManifest.Origin(
            madeAt: WallClock.now(), source: try await engine.read { $0.dialect },
            program: ProgramVersion.text, files: credentials.map { [$0] } ?? [])
        let target = try SQLiteEngine.portable(at: aside.path)
        // The copy is durable and was read back by then, so a failed close loses nothing.
        defer { try? target.close() }
        defer { progress.end() }
        return try await Backup.make(of: engine, into: target, origin) { progress.show($0) }
    }

    /// Creates the file with mode 0600, since it contains personal data.
    private static func create(_ aside: URL, for file: URL) throws {
        let descriptor = open(aside.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw CommandError("cannot write \(file.path): \(String(cString: strerror(errno)))")
        }
        close(descriptor)
    }

    /// Syncs a file's contents, or a folder's names, to the disk, so that they survive a power cut.
    static func makeDurable(_ url: URL) throws {
        let descriptor = open(url.path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw CommandError("cannot open \(url.path): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else {
            throw CommandError("cannot make \(url.path) durable: \(String(cString: strerror(errno)))")
        }
    }
}
