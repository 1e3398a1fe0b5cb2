// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation
import SQL
import SQLite
import Store

/// A SQLite file that a restored database takes the place of. The caller holds the folder's lock, so no server uses it.
struct FilePlace {
    let path: String
    let dataFolder: URL

    /// What was there before, and where it is now.
    enum Former: Sendable, Hashable {
        case nothing
        case backedUp(URL)
        /// It could not be read, so it is kept whole, as it was.
        case setAside(URL, because: String)
    }

    /// Looks what is there, and refuses rows unless `replaces`. Makes a backup of what will be replaced.
    func clear(replaces: Bool) async throws -> Former {
        guard FileManager.default.fileExists(atPath: path) else { return .nothing }
        let (occupancy, unreadable) = try await look()
        guard case .used(let table) = occupancy else { return .nothing }
        guard replaces else {
            throw RestoreError(
                unreadable.map { "\(path) is there, and can't be read (\($0)): --replace sets it aside first" }
                    ?? "\(path) is not empty: there are rows in \(table). --replace makes a backup of it first")
        }
        if let unreadable { return .setAside(asideURL, because: unreadable) }
        do {
            let engine = try await OpenedStore.existingEngine(for: .sqlite(path: path))
            defer { try? engine.close() }  // Only read.
            let file = try BackupFolder(in: dataFolder).newFile(at: OpenedStore.wallClock())
            let written = try await BackupWriter(engine: engine, dataFolder: dataFolder)
                .write(to: file, CopyProgress("Backing up what is there"))
            return .backedUp(written.file)
        } catch {
            return .setAside(asideURL, because: "no backup of it can be made: \(error)")
        }
    }

    /// Puts the file there. A kill at any moment leaves either database, whole.
    func put(_ database: URL, former: Former) async throws {
        if case .setAside = former {} else { try await settle() }
        let companions = ["-wal", "-shm"].map { path + $0 }.filter { FileManager.default.fileExists(atPath: $0) }
        switch former {
        case .setAside(let aside, _):
            for (from, to) in [(path, aside.path)] + companions.map({ ($0, aside.path + $0.suffix(4)) }) {
                try renamed(from, to)
            }
        case .backedUp, .nothing:
            // The last one to close a database removes these, and all that they held is in the database then.
            if FileManager.default.fileExists(atPath: path), !companions.isEmpty {
                throw RestoreError("another program has \(path) open: end it, then restore again; nothing was changed")
            }
            // Without their database they are nobody's, and SQLite would take them for the new one's.
            for companion in companions { unlink(companion) }
        }
        try renamed(database.path, path)
        try BackupWriter.makeDurable(URL(filePath: path).deletingLastPathComponent())
    }

    /// Brings what stands in the journal into the file and lets the last to close it remove the journal: a pool of
    /// connections leaves it, since its readers close last.
    private func settle() async throws {
        guard FileManager.default.fileExists(atPath: path) else { return }
        let engine = try SQLiteEngine.portable(at: path)
        _ = try await engine.read { try $0.query("SELECT count(*) FROM sqlite_master") }
        try engine.close()
    }

    private func renamed(_ from: String, _ to: String) throws {
        guard rename(from, to) == 0 else {
            throw RestoreError("cannot rename \(from) to \(to): \(String(cString: strerror(errno)))")
        }
    }

    private var asideURL: URL {
        URL(filePath: "\(path).before-restore-\(BackupFolder.compact(OpenedStore.wallClock()))")
    }

    /// A file that SQLite can't read counts as used: there may be something to recover.
    private func look() async throws -> (Occupancy, unreadable: String?) {
        do {
            let engine = try await OpenedStore.existingEngine(for: .sqlite(path: path))
            defer { try? engine.close() }  // Only read.
            let schema = try await engine.read { try Migrator.installedVersion($0) }
            guard schema <= Migrator.currentVersion else {
                throw RestoreError("\(path) has schema \(schema), newer than this program's: use a newer consultease")
            }
            return (try await engine.read { try Occupancy.of($0) }, nil)
        } catch let error as SQLError where error.code != .busy {
            return (.used(table: ""), "\(error)")
        }
    }
}
