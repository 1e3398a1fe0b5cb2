// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation
import SQL
import SQLite
import Store

/// Checks a SQLite file: undamaged, in WAL mode, and without dangling foreign keys.
struct SQLiteChecks: Sendable {
    private let path: String
    private let engine: SQLiteEngine
    /// The remedy for a damaged file.
    private let remedy: String

    private static let names = ["schema", "integrity", "journal", "foreign-keys", "clock-and-database"]

    /// - Parameter newestBackup: the data folder's newest backup; nil if it has none.
    static func open(_ path: String, newestBackup: URL?, former: FormerLife) async -> DatabaseChecks {
        if FormerLife.isGone(.sqlite(path: path)), !former.traces.isEmpty {
            return DatabaseChecks(
                unopened: .failed("database", former.accusation, fix: former.remedy), names: names)
        }
        var status = stat()
        guard stat(path, &status) == 0 else {
            let number = errno
            let finding =
                number == ENOENT
                ? Finding.failed(
                    "database", "there is none at \(path)",
                    fix: "start `consultease serve` once, which makes it, or name its folder with --data")
                : Finding.failed(
                    "database", "\(path) can't be looked at: \(FileReading.reason(number, path))",
                    fix: "run doctor as the user to whom the folder belongs, who also runs the server")
            return DatabaseChecks(unopened: finding, names: names)
        }
        let engine: SQLiteEngine
        do {
            engine = try SQLiteEngine.readOnly(at: path)
            _ = try await engine.read { try $0.query("SELECT count(*) FROM sqlite_master") }
        } catch {
            let isOurs = access(path, R_OK) == 0
            let finding = Finding.failed(
                "database",
                isOurs ? "\(path): \(error)" : "\(path) can't be read: \(FileReading.reason(EACCES, path))",
                fix: isOurs
                    ? "if it is damaged, \(FailureInWords.damageRemedy(path, newestBackup))"
                    : "run doctor as the user to whom the file belongs, who also runs the server")
            return DatabaseChecks(unopened: finding, names: names)
        }
        let checks = SQLiteChecks(path: path, engine: engine, remedy: FailureInWords.damageRemedy(path, newestBackup))
        return await DatabaseChecks(
            engine, named: path, keeping: "keep a copy of \(path) and its -wal file", former: former
        ) { store in
            await checks.run(store)
        }
    }

    private func run(_ store: Store?) async -> [Finding] {
        [
            await finding("integrity", integrity), await finding("journal", journal),
            await finding("foreign-keys", foreignKeys),
            await finding("clock-and-database") { try await DatabaseChecks.clock(engine, store) },
        ]
    }

    private func integrity() async throws -> Finding {
        let engine = engine
        let rows = try await ProgressNotice().during("Reading the whole database") {
            try await engine.read { try $0.query("PRAGMA quick_check(5)").map { try $0.get(0, as: String.self) } }
        }
        guard rows != ["ok"] else { return .ok("integrity", "quick_check finds nothing") }
        return .failed(
            "integrity", rows.joined(separator: "; "),
            fix: remedy)
    }

    private func journal() async throws -> Finding {
        let mode = try await engine.read { try $0.first("PRAGMA journal_mode")?.get(0, as: String.self) ?? "?" }
        guard mode == "wal" else {
            return .failed("journal", "journal_mode is \(mode)", fix: "start `consultease serve`, which sets it to wal")
        }
        let size = WriteAheadLogWatch.size(beside: path)
        guard size <= WriteAheadLogWatch.limit else { return grown(size) }
        // `synchronous` is set per connection, so `doctor` can't read the server's value.
        return .ok("journal", "wal; every connection that writes sets synchronous=FULL and reads it back")
    }

    /// Reports a large -wal file. The server truncates it as soon as no reader needs it.
    private func grown(_ size: Int64) -> Finding {
        let detail = "\(path)-wal has \(size / 1_000_000) MB"
        let readers = LogReaders.find(path).filter { $0 != getpid() }
        guard !readers.isEmpty else {
            return .failed(
                "journal", detail,
                fix: "a running server cuts it off within a minute; without one: consultease serve")
        }
        return .failed(
            "journal",
            "\(detail); the database is read by \(readers.map(LogReaders.name).joined(separator: ", "))",
            fix:
                "end the program that has read for a long time (not the server): kill PID; the server cuts the file off within a minute"
        )
    }

    private func foreignKeys() async throws -> Finding {
        let broken = try await engine.read { connection in
            try connection.query("PRAGMA foreign_key_check").map { row in
                "\(try row.get(0, as: String.self)) → \(try row.get(2, as: String.self))"
            }
        }
        guard !broken.isEmpty else { return .ok("foreign-keys", "every row refers to one that is there") }
        let kinds = Set(broken).sorted().joined(separator: ", ")
        return .failed(
            "foreign-keys", "\(broken.count) rows refer to none: \(kinds)",
            fix:
                "a shell without `PRAGMA foreign_keys=ON` did that: sqlite3 '\(path)' 'PRAGMA foreign_key_check' shows which"
        )
    }

    private func finding(_ name: String, _ body: () async throws -> Finding) async -> Finding {
        do {
            return try await body()
        } catch let error as SQLError where error.message.contains("malformed") {
            return .failed(name, "\(path) is damaged", fix: remedy)
        } catch {
            return .failed(
                name, "\(error)",
                fix: "look whether \(path) is yours and its disk is well (dmesg | tail); if it is damaged, \(remedy)")
        }
    }
}
