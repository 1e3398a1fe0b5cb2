// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation
import SQL
import SQLite

/// A SQLite file that nobody else writes to until it has been replaced: what is read from it is all that it will ever hold.
struct FileHold: ~Copyable {
    let engine: SQLiteEngine
    private let path: String
    /// Closed after the engine: to close any descriptor of the file gives up the locks that SQLite has on it.
    private let descriptor: Int32

    /// What stands at the beginning of a file that has been replaced while somebody waited for it: no database any more, or
    /// what they write to it would be acknowledged and lost.
    private static let notice: [UInt8] = {
        let text = "Replaced by `consultease restore`: what waits for this file has to open the database anew.\n"
        return Array(text.utf8) + Array(repeating: 0x20, count: max(0, 100 - text.utf8.count))
    }()

    /// Throws `CommandError` where another program is at the file, `SQLError` where it can't be read as a database.
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

    /// Gives the name to another file, in one step. Whoever waits for this one is told so when it is let go.
    consuming func give(to database: URL) throws {
        try renamed(database.path, path)
        var status = stat()
        // One that somebody keeps under another name is not lost, and stays as it was.
        guard fstat(descriptor, &status) == 0, status.st_nlink == 0 else { return }
        _ = Self.notice.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    }

    /// Copies all bytes to a new file of its owner's alone, durably.
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

/// A new name for a file. Whatever had it before is gone in the same moment.
func renamed(_ from: String, _ to: String) throws {
    guard rename(from, to) == 0 else {
        throw CommandError("cannot rename \(from) to \(to): \(String(cString: strerror(errno)))")
    }
}
