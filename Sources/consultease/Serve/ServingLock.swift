// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation

/// A lock on a data folder and its database. A process holds it to serve them, or to put others in their place.
///
/// The locks are the kernel's: they go with the process, however that ends. On PostgreSQL there is no file to lock;
/// there the leader's seat is what only one can have.
struct ServingLock: ~Copyable {
    private let folder: FileLock
    /// A database file has a lock of its own beside the folder's: two folders may name the same one, by whatever path.
    private let database: FileLock?

    /// Makes the folder, for its owner alone, and takes the locks. Throws if another process holds one.
    init(_ settings: Settings) throws {
        restrictFileMode()
        let url = settings.dataFolder
        try FailureInWords.makeFolder(url)
        let folder = try FileLock(url.appending(path: "lock").path, of: url.path)
        let database = try Self.lock(of: settings.database)
        self.folder = folder
        self.database = database
    }

    private static func lock(of database: DatabaseLocation) throws -> FileLock? {
        guard let path = database.path else { return nil }
        return try FileLock(DataFolderPath.resolved(path) + ".lock", of: path)
    }
}

/// One file's lock of the kernel, held for as long as this value is.
private struct FileLock: ~Copyable {
    private let descriptor: Int32

    init(_ path: String, of what: String) throws {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw CommandError("cannot write \(path): \(FileReading.reason(errno, path))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw CommandError(
                "another consultease serves \(what) already: stop it, or choose another folder with --data")
        }
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }
}
