// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Foundation
import PostgreSQL
import Randomness
import SQL
import SQLite
import Store
import TestSupport
import Testing

extension Store {
    /// Puts rows into every table, with values that a copy might spoil.
    func populate(seed: UInt64, people: Int64) async throws {
        try await write { transaction in
            var generator = SeededGenerator(seed: seed)
            let texts = ["", "Dr. Ana", "José\u{301}", "名前", "\u{1F600}", "a'b\"c;--", " \t\n", "%_\\", "NULL", "0"]
            let connection = transaction.connection
            func text() -> String { texts.randomElement(using: &generator) ?? "" }
            func maybe() -> String? { Bool.random(using: &generator) ? text() : nil }
            func number() -> Int64 { [0, 1, -1, .max, .min, 1_795_507_200_000].randomElement(using: &generator) ?? 0 }
            for id in 1...people {
                let (name, room, subjects) = ("P\(id) \(text())", maybe(), maybe())
                try connection.execute(
                    """
                    INSERT INTO faculty (id, name, surname, department, room, subjects, archived_at)
                    VALUES (\(id), \(name), 'S', 'D', \(room), \(subjects), \(id % 7 == 0 ? number() : nil))
                    """)
                try connection.execute("INSERT INTO beacon (address, faculty_id) VALUES (\("beacon-\(id)"), \(id))")
                try connection.execute(
                    "INSERT INTO desk_unit (id, dialect, faculty_id) VALUES (\("desk-\(id)"), 2, \(id))")
                try connection.execute(
                    """
                    INSERT INTO unit_link (unit_id, heard_at, tolerance, uptime, heartbeat_interval)
                    VALUES (\("desk-\(id)"), 5, 60000, \(number()), \(Bool.random(using: &generator) ? number() : nil))
                    """)
                try connection.execute(
                    """
                    INSERT INTO presence (faculty_id, state, since, source, unit_id, evidence_at, verified)
                    VALUES (\(id), 'present', 5, 'beacon', \("desk-\(id)"), 5, 1)
                    """)
                let seen = text()
                try connection.execute(
                    "INSERT INTO unit_boot (unit_id, boot, seen) VALUES (\("desk-\(id)"), \("b\(id)"), \(seen))")
                try connection.execute(
                    """
                    INSERT INTO refusal_sample (unit, reason, at, topic, payload)
                    VALUES (\("desk-\(id)"), 'because', \(id), \(seen), \(name))
                    """)
            }
            try connection.execute("INSERT INTO override (faculty_id, word, set_at) VALUES (1, 'busy', 5)")
            try connection.execute("INSERT INTO student (number, name, department) VALUES ('2026-1', 'Ben', 'D')")
            try connection.execute(
                """
                INSERT INTO consultation (faculty_id, student_id, status, topic, message, created_at)
                SELECT 1, max(id), 'pending', 't', 'm', 5 FROM student
                """)
            try connection.execute(
                """
                INSERT INTO applied_answer (unit_id, message_id, response_type, timestamp)
                VALUES ('desk-1', 'm', 'r', 't')
                """)
            try connection.execute(
                "INSERT INTO refusal (unit, reason, count, first_at, last_at) VALUES ('', 'because', 1, 2, 3)")
            try connection.execute("INSERT INTO mqtt_session (broker, client_id, since) VALUES ('b', 'c', 1)")
        }
    }
}

/// Returns each table's rows as sorted text, for comparisons that must not rely on checksums.
func contents(_ engine: any Engine, schema: Int64 = Migrator.currentVersion) async throws -> [String: [String]] {
    try await engine.read { connection in
        var contents: [String: [String]] = [:]
        for table in CopiedTable.all(schema: schema) {
            let columns = table.columns.map { "\"\($0)\"" }.joined(separator: ", ")
            let rows = try connection.query(.init(stringLiteral: "SELECT \(columns) FROM \"\(table.name)\""))
            contents[table.name] = rows.map { "\($0.values)" }.filter { text in
                !CopiedTable.ownMetaKeys.contains { table.name == "meta" && text.contains("\"\($0)\"") }
            }.sorted()
        }
        return contents
    }
}

/// The source and the target of a copy.
struct CopyRoute: Sendable, CustomTestStringConvertible {
    let source: TestEngine
    let target: TestEngine

    var testDescription: String { "\(source) → \(target)" }

    static let all = [
        CopyRoute(source: .sqliteFile, target: .sqliteInMemory), CopyRoute(source: .sqliteFile, target: .postgreSQL),
        CopyRoute(source: .postgreSQL, target: .sqliteFile), CopyRoute(source: .postgreSQL, target: .postgreSQL),
    ]
}

/// Runs `body` with an engine whose database has no table of this program.
func withEmptyDatabase<Value>(
    _ engine: TestEngine, _ body: (any Engine) async throws -> Value
) async throws -> Value {
    func using(_ engine: any Engine) async throws -> Value {
        defer { try? engine.close() }
        return try await body(engine)
    }
    switch engine {
    case .sqliteInMemory: return try await using(try SQLiteEngine.inMemory())
    case .sqliteFile:
        return try await withTemporaryFolder { folder in
            try await using(try SQLiteEngine.file(at: folder.appending(path: "target.sqlite").path))
        }
    case .postgreSQL:
        return try await PostgresServer.shared().withDatabase { url in
            try await using(
                PostgreSQLEngine(configuration: try PostgresServer.configuration(of: url), logger: quietLogger))
        }
    }
}

/// Returns whether the database has no table of this program.
func isUntouched(_ engine: any Engine) async throws -> Bool {
    try await engine.read { try Occupancy.of($0) } == .nothing
}

/// Returns the lineage of a database, and reads nothing else of it.
func lineage(_ engine: any Engine) async throws -> Lineage {
    try await engine.read { try Meta.lineage($0) }
}

let secondLineage = Lineage("secondpast22")

/// Returns a plan for a database that continues independently.
func plan(replaces: Bool = false) -> Copier.Plan {
    var plan = Copier.Plan()
    plan.lineage = secondLineage
    plan.replaces = replaces
    return plan
}

/// Returns a backup file in the test's own folder, and its path.
func portable(_ folder: URL, _ name: String = "copy") throws -> (engine: SQLiteEngine, path: String) {
    let path = folder.appending(path: name).path
    return (try SQLiteEngine.portable(at: path), path)
}
