// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation

/// The folder that holds the database and the broker's files, held by one server at a time.
///
/// The lock is the kernel's: it goes with the process, however that ends.
struct DataFolder: ~Copyable {
    private let descriptor: Int32

    /// Makes the folder, for its owner alone, and takes its lock. Throws where another server holds it.
    init(locking url: URL) throws {
        // Whatever this process makes from now on is its owner's alone.
        umask(0o077)
        try FileManager.default.createDirectory(
            at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        try self.init(lock: url.appending(path: "lock").path, of: url.path)
    }

    /// A database file has a lock of its own beside the folder's: two folders may name the same one, by whatever path.
    static func lockDatabase(of settings: Settings) throws -> DataFolder? {
        guard let path = settings.database.path else { return nil }
        let file = URL(filePath: path)
        // Before the first start there is a folder, but no file yet.
        let resolved =
            FileManager.default.fileExists(atPath: path)
            ? file.resolvingSymlinksInPath()
            : file.deletingLastPathComponent().resolvingSymlinksInPath().appending(path: file.lastPathComponent)
        return try DataFolder(lock: resolved.path + ".lock", of: path)
    }

    private init(lock path: String, of what: String) throws {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw StartError("cannot write \(path): is the data folder yours, and is there space?")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw StartError(
                "another consultease serves \(what) already: stop it, or choose another folder with --data")
        }
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }
}

/// Why a server does not start; the text says the remedy.
struct StartError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
