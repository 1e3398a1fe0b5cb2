// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Foundation
import SQL
import Store

/// Checks the database, opened for reading. `SQLiteChecks` and `PostgreSQLChecks` are the parts that differ by engine.
struct DatabaseChecks {
    /// Nil if the database can't be opened, or its schema version isn't this program's.
    let store: Store?
    private let opening: [Finding]
    private let examination: @Sendable () async -> [Finding]
    private let closing: @Sendable () -> Void

    /// A database that could not be opened: `names` are the checks that are skipped.
    init(unopened finding: Finding, names: [String]) {
        store = nil
        opening = [finding] + names.map { .skipped($0, "the database could not be opened") }
        examination = { [] }
        closing = {}
    }

    /// An open database. `engine` stays open until `close()`.
    init(
        _ engine: any Engine, named place: String, detail: String = "", keeping: String, former: FormerLife,
        examination: @escaping @Sendable (Store?) async -> [Finding]
    ) async {
        do {
            let store = try await OpenedStore.store(engine)
            let isDemo = try await store.read { try Meta.isDemo($0.connection) }
            self.store = store
            let words = "\(place), lineage \(store.lineage)\(detail)\(isDemo ? ", made by `consultease demo`" : "")"
            opening = [.ok("database", words), .ok("schema", "version \(Migrator.currentVersion), this program's")]
        } catch {
            store = nil
            let isEmpty = (try? await engine.read { try Migrator.isMade($0) }) == false
            opening = [
                .ok("database", place + detail),
                isEmpty && !former.traces.isEmpty
                    ? .failed("schema", former.accusation, fix: former.remedy)
                    : .failed("schema", "\(error)", fix: "do as it says; \(keeping) first"),
            ]
        }
        self.examination = { [store] in await examination(store) }
        // The connection was only read from, so a failed close loses nothing.
        closing = { try? engine.close() }
    }

    func run() async -> [Finding] {
        opening + (await examination())
    }

    func close() {
        closing()
    }

    /// Checks that the wall clock is not behind the last commit: until it catches up, everything looks older than it
    /// is.
    private static let slack = Span.seconds(60)

    static func clock(_ engine: any Engine, _ store: Store?) async throws -> Finding {
        guard store != nil else { return .skipped("clock-and-database", "the schema is another") }
        let last = try await engine.read { try Store.clocks($0).lastCommit }
        let now = WallClock.now()
        guard now < last - slack else {
            return .ok(
                "clock-and-database",
                last == Timestamp(milliseconds: 0) ? "never written" : "last written at \(last.iso8601)")
        }
        return .failed(
            "clock-and-database", "it is \(now.iso8601), but the database was written at \(last.iso8601)",
            fix: ClockFix.text)
    }
}
