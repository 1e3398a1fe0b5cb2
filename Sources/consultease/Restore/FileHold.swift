// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation
import SQL
import SQLite

/// Holds a SQLite file exclusively until it has been replaced, so that a backup of it misses no later write.
struct FileHold: ~Copyable {
    let engine: SQLiteEngine
    private let path: String
    /// Closed after the engine, since closing any descriptor of the file releases the locks that SQLite has on it.
    private let descriptor: Int32

    /// Overwrites the header of the replaced file. A program that still has it open then finds no database in it;
    /// otherwise its writes to the unlinked file would be acknowledged and lost.
    private static let notice: [UInt8] = {
        let text = "Replaced by `consultease restore`: what waits for this file has to open the database anew.\n"
        return Array(text.utf8) + Array(repeating: 0x20, count: max(0, 100 - text.utf8.count))
    }()

    /// Throws `CommandError` if another program has the file open, `SQLError` if it can't be read as a database.
    init(_ path: String) throws {
        let descriptor = open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw SQLError(code: .cannotOpen, message: "cannot open \(path): \(String(cString: strerror(errno)))")
        }
        do {
            engine = try SQLiteEngine.alone(at: path)
        } catch {
            close(descriptor)
            guard error.code == .busy else { throw error }
            throw CommandError("another program has \(path) open: end it, then restore again; nothing was changed")
        }
        self.path = path
        self.descriptor = descriptor
    }

    deinit {
        try? engine.close()  // Nothing is left to be written.
        close(descriptor)
    }

    /// Renames another file over this one, in one step. Programs that wait for this one find the notice once it is
    /// released.
    consuming func give(to database: URL) throws {
        try renamed(database.path, path)
        var status = stat()
        // A file with another hard link is still reachable, so its contents stay.
        guard fstat(descriptor, &status) == 0, status.st_nlink == 0 else { return }
        _ = Self.notice.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    }

    /// Copies all bytes durably to a new file with mode 0600.
    func copy(to url: URL) throws {
        let target = open(url.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard target >= 0 else { throw Self.failure(url) }
        defer { close(target) }
        var offset: off_t = 0
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = buffer.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, offset) }
            guard count > 0 else {
                if count == 0, fsync(target) == 0 { return }
                unlink(url.path)
                throw Self.failure(url)
            }
            let written = buffer.withUnsafeBytes { pwrite(target, $0.baseAddress, count, offset) }
            guard written == count else {
                unlink(url.path)
                throw Self.failure(url)
            }
            offset += off_t(count)
        }
    }

    private static func failure(_ url: URL) -> CommandError {
        CommandError(
            "cannot keep what is there as \(url.path): \(String(cString: strerror(errno))); nothing was changed")
    }
}

/// Renames a file, and replaces a file of the new name in the same step.
func renamed(_ from: String, _ to: String) throws {
    guard rename(from, to) == 0 else {
        throw CommandError("cannot rename \(from) to \(to): \(String(cString: strerror(errno)))")
    }
}
