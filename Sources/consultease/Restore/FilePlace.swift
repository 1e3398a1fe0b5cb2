// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation
import SQL
import SQLite
import Store

/// A SQLite file that a restored database replaces. The caller holds the folder's lock, so no server uses it.
struct FilePlace {
    let path: String
    let dataFolder: URL
    private let aside: String

    init(path: String, dataFolder: URL) {
        self.path = path
        self.dataFolder = dataFolder
        aside = "\(path).before-restore-\(BackupFolder.compact(WallClock.now()))"
    }

    /// Where the former database is now.
    enum Former: Sendable, Hashable {
        case nothing
        case backedUp(URL)
        /// The file could not be read completely, so it is kept unchanged under this name.
        case setAside(URL, because: String)
    }

    /// Suffixes of the files that SQLite keeps beside a database. It would use leftover ones for a later file of that
    /// name.
    private static let companions = ["-wal", "-shm", "-journal"]

    /// Throws, before any work is done, if the place has rows and `replaces` is false.
    func requireFree(replaces: Bool) async throws {
        guard isThere, !replaces else { return }
        do {
            let engine = try await OpenedStore.existingEngine(for: .sqlite(path: path))
            defer { try? engine.close() }  // Only read.
            try require(try await occupancy(engine), replaces: false)
        } catch let error as SQLError where error.code != .busy {
            throw CommandError("\(path) is there, and can't be read (\(error)): --replace sets it aside first")
        }
    }

    /// Puts the file there, after a backup of the former database. No other program writes to that in between, and a
    /// kill at any moment leaves one of the two databases, complete.
    func put(_ database: URL, replaces: Bool) async throws -> Former {
        let former = try await replaced(by: database, replaces: replaces)
        try BackupWriter.makeDurable(URL(filePath: path).deletingLastPathComponent())
        return former
    }

    private func replaced(by database: URL, replaces: Bool) async throws -> Former {
        guard isThere else {
            // Companion files without their database are leftovers.
            for companion in Self.companions { unlink(path + companion) }
            try renamed(database.path, path)
            return .nothing
        }
        let hold: FileHold
        do {
            hold = try FileHold(path)
        } catch let error as SQLError {
            return try setAside(database, because: "\(error)", replaces: replaces)
        }
        let former = try await kept(hold, replaces: replaces)
        try hold.give(to: database)
        return former
    }

    /// Backs the former database up if it has rows, or sets it aside if it can't be read completely.
    private func kept(_ hold: borrowing FileHold, replaces: Bool) async throws -> Former {
        let reason: String
        do {
            let occupancy = try await occupancy(hold.engine)
            try require(occupancy, replaces: replaces)
            guard case .used = occupancy else { return .nothing }
            let progress = CopyProgress("Backing up what is there")
            return .backedUp(try await BackupFolder(in: dataFolder).writeNew(of: hold.engine, progress).file)
        } catch let error as SQLError {
            reason = "\(error)"
        } catch let error as CopyError {
            reason = "\(error)"
        }
        guard replaces else { throw CommandError("\(path) can't be read (\(reason)): --replace sets it aside first") }
        try hold.copy(to: URL(filePath: aside))
        return .setAside(URL(filePath: aside), because: "no backup of it can be made: \(reason)")
    }

    /// Sets a file aside that is no database, so no program can write to it. It keeps both names until it is replaced.
    private func setAside(_ database: URL, because reason: String, replaces: Bool) throws -> Former {
        guard replaces else {
            throw CommandError("\(path) is there, and can't be read (\(reason)): --replace sets it aside first")
        }
        let companions = Self.companions.filter { FileManager.default.fileExists(atPath: path + $0) }
        for suffix in [""] + companions {
            guard link(path + suffix, aside + suffix) == 0 else {
                throw CommandError(
                    "cannot keep \(path + suffix) as \(aside + suffix): \(String(cString: strerror(errno))); nothing was changed"
                )
            }
        }
        for suffix in companions { unlink(path + suffix) }
        try renamed(database.path, path)
        return .setAside(URL(filePath: aside), because: reason)
    }

    private var isThere: Bool { FileManager.default.fileExists(atPath: path) }

    private func require(_ occupancy: Occupancy, replaces: Bool) throws {
        guard !replaces, case .used(let table) = occupancy else { return }
        throw CommandError("\(path) is not empty: there are rows in \(table). --replace makes a backup of it first")
    }

    private func occupancy(_ engine: any Engine) async throws -> Occupancy {
        let schema = try await engine.read { try Migrator.installedVersion($0) }
        guard schema <= Migrator.currentVersion else {
            throw CommandError("\(path) has schema \(schema), newer than this program's: use a newer consultease")
        }
        return try await engine.read { try Occupancy.of($0) }
    }
}
