// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Foundation
import SQL
import SQLite
import Store

/// The database, opened to be looked at.
struct DatabaseChecks {
    private let path: String
    private let engine: SQLiteEngine?
    /// Nil where it can't be opened, or has another schema than this program's.
    let store: Store?
    private let opening: [Finding]

    private static let unopened = "the database could not be opened"

    static func open(_ settings: Settings) async -> DatabaseChecks {
        let path = settings.databasePath
        guard FileManager.default.fileExists(atPath: path) else {
            let finding = Finding.failed(
                "database", "there is none at \(path)",
                fix: "start `consultease serve` once, which makes it, or name its folder with --data")
            return DatabaseChecks(path: path, engine: nil, store: nil, opening: [finding])
        }
        let engine: SQLiteEngine
        do {
            engine = try SQLiteEngine.readOnly(at: path)
            _ = try await engine.read { try $0.query("SELECT count(*) FROM sqlite_master") }
        } catch {
            let finding = Finding.failed(
                "database", "\(path): \(error)",
                fix: "look whether it is yours and whole: ls -l '\(path)'; restore the last copy if it is damaged")
            return DatabaseChecks(path: path, engine: nil, store: nil, opening: [finding])
        }
        do {
            let store = try await OpenedStore.store(engine)
            let isDemo = try await store.read { try Meta.isDemo($0.connection) }
            let detail = "\(path), lineage \(store.lineage)\(isDemo ? ", made by `consultease demo`" : "")"
            return DatabaseChecks(
                path: path, engine: engine, store: store,
                opening: [.ok("database", detail), .ok("schema", "version \(Migrator.currentVersion), this program's")])
        } catch {
            let schema = Finding.failed(
                "schema", "\(error)", fix: "do as it says; keep a copy of \(path) and its -wal file first")
            return DatabaseChecks(path: path, engine: engine, store: nil, opening: [.ok("database", path), schema])
        }
    }

    func run() async -> [Finding] {
        guard let engine else {
            return opening
                + ["schema", "integrity", "journal", "foreign-keys", "clock-and-database"].map {
                    .skipped($0, Self.unopened)
                }
        }
        return opening + [
            await integrity(engine), await journal(engine), await foreignKeys(engine), await clock(engine),
        ]
    }

    private func integrity(_ engine: SQLiteEngine) async -> Finding {
        await finding("integrity") {
            let rows = try await Patience().during("Reading the whole database") {
                try await engine.read { try $0.query("PRAGMA quick_check(5)").map { try $0.get(0, as: String.self) } }
            }
            guard rows != ["ok"] else { return .ok("integrity", "quick_check finds nothing") }
            return .failed(
                "integrity", rows.joined(separator: "; "),
                fix: "stop the server, keep a copy, then: sqlite3 '\(path)' .recover | sqlite3 recovered.sqlite")
        }
    }

    private func journal(_ engine: SQLiteEngine) async -> Finding {
        await finding("journal") {
            let mode = try await engine.read { try $0.first("PRAGMA journal_mode")?.get(0, as: String.self) ?? "?" }
            guard mode == "wal" else {
                return .failed(
                    "journal", "journal_mode is \(mode)", fix: "start `consultease serve`, which sets it to wal")
            }
            // `synchronous` is a connection's own: another's can't be looked at.
            return .ok("journal", "wal; every connection that writes sets synchronous=FULL and reads it back")
        }
    }

    private func foreignKeys(_ engine: SQLiteEngine) async -> Finding {
        await finding("foreign-keys") {
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
    }

    /// Time never goes back behind the last commit; a wall clock that is behind makes everything look older than it is.
    private static let slack = Span.seconds(60)

    private func clock(_ engine: SQLiteEngine) async -> Finding {
        guard store != nil else { return .skipped("clock-and-database", "the schema is another") }
        return await finding("clock-and-database") {
            let last = try await engine.read { try Store.lastCommit($0) }
            let now = OpenedStore.wallClock()
            guard now < last - Self.slack else {
                return .ok(
                    "clock-and-database",
                    last == Timestamp(milliseconds: 0) ? "never written" : "last written at \(last.iso8601)")
            }
            return .failed(
                "clock-and-database", "it is \(now.iso8601), but the database was written at \(last.iso8601)",
                fix: ClockFix.text)
        }
    }

    private func finding(_ name: String, _ body: () async throws -> Finding) async -> Finding {
        do {
            return try await body()
        } catch {
            return .failed(name, "\(error)", fix: "look whether \(path) is yours and its disk is well: dmesg | tail")
        }
    }
}
