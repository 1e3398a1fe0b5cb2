// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation
import Logging
import SQLite

/// Looks after SQLite's `-wal` file. As long as some program reads an old state of the database, the file can't begin
/// anew, and grows until the disk is full: that is said, with the programs that read; once they have gone, the file is
/// cut off.
struct WriteAheadLogWatch: Sendable {
    private let engine: SQLiteEngine
    private let path: String
    private let logger: Logger

    /// SQLite begins the file anew at 4 MB if it can; a large import is one transaction, and needs more.
    static let limit: Int64 = 64 << 20
    private static let interval = Duration.seconds(10)
    /// How often a file that goes on growing is told of.
    private static let reminder = Duration.seconds(3600)

    /// Nil for a database that is no file.
    init?(_ engine: SQLiteEngine, _ database: DatabaseLocation, logger: Logger) {
        guard let path = database.path else { return nil }
        self.engine = engine
        self.path = path
        self.logger = logger
    }

    /// Runs until cancelled.
    func run() async {
        var said: ContinuousClock.Instant?
        while !Task.isCancelled {
            let size = Self.size(beside: path)
            if size > Self.limit {
                await shrink(size, &said)
            } else {
                said = nil
            }
            try? await Task.sleep(for: Self.interval)
        }
    }

    private func shrink(_ size: Int64, _ said: inout ContinuousClock.Instant?) async {
        if (try? await engine.cutLog()) == true {
            logger.notice(
                "The database's write-ahead log had grown, and is cut off again", metadata: ["bytes": "\(size)"])
            said = nil
            return
        }
        let now = ContinuousClock.now
        guard said.map({ $0.duration(to: now) >= Self.reminder }) ?? true else { return }
        said = now
        let readers = LogReaders.find(path).filter { $0 != getpid() }
        logger.warning(
            "The database's write-ahead log grows, since some program goes on reading an old state of the database",
            metadata: [
                "bytes": "\(size)", "file": "\(path)-wal",
                "processes": "\(readers.map(LogReaders.name).joined(separator: ", "))",
            ])
    }

    static func size(beside path: String) -> Int64 {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path + "-wal")
        return (attributes?[.size] as? NSNumber)?.int64Value ?? 0
    }
}

/// Which processes read a SQLite database now, from the kernel's list of locks.
enum LogReaders {
    /// The bytes of the `-shm` file that a reader locks while its transaction lasts: SQLite's `WAL_READ_LOCK(0)` to
    /// `(4)`.
    private static let readMarks: ClosedRange<Int64> = 123...127

    static func find(_ path: String) -> [pid_t] {
        var status = stat()
        guard stat(path + "-shm", &status) == 0, let list = FileHandle(forReadingAtPath: "/proc/locks") else {
            return []
        }
        let text = String(decoding: (try? list.readToEnd()) ?? Data(), as: UTF8.self)
        return Set(text.split(separator: "\n").compactMap { reader(in: $0, inode: UInt64(status.st_ino)) }).sorted()
    }

    /// "1: POSIX  ADVISORY  READ 4711 08:01:1234 124 124": the sixth word ends with the inode, and the bytes follow.
    private static func reader(in line: Substring, inode: UInt64) -> pid_t? {
        let words = line.split(separator: " ")
        guard words.count >= 8, words[1] == "POSIX", words[3] == "READ", let pid = pid_t(words[4]), pid > 0,
            words[5].split(separator: ":").last.flatMap({ UInt64($0) }) == inode, let first = Int64(words[6])
        else { return nil }
        let last = Int64(words[7]) ?? .max
        return first <= readMarks.upperBound && last >= readMarks.lowerBound ? pid : nil
    }

    /// "4711 (sqlite3)"
    static func name(_ pid: pid_t) -> String {
        let name = (try? String(contentsOfFile: "/proc/\(pid)/comm", encoding: .utf8)) ?? ""
        return "\(pid) (\(name.trimmingCharacters(in: .whitespacesAndNewlines)))"
    }
}
