// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import SQL
import Store
import TestSupport
import Testing

/// A column that people or devices edit, and a value other than the one that `StoreFixture.furnish` stores.
struct OutsideEdit: Sendable {
    let table: String
    let column: String
    /// The value as an SQL literal.
    let value: String

    var name: String { "\(table).\(column)" }

    /// The condition that selects the row.
    var row: String {
        switch table {
        case "presence", "override": "faculty_id = 1"
        case "desk_unit": "id = 'desk-1'"
        default: "id = 1"
        }
    }

    /// Every edited column of every table whose rows have a version.
    static let all: [OutsideEdit] = [
        on("faculty", "name 'X'", "surname 'X'", "department 'X'", "room 'X'", "directions 'X'", "subjects 'X'"),
        on("faculty", "email 'x@y.z'", "image_path 'x'", "hides_last_seen 1", "archived_at 9"),
        on("presence", "state 'absent'", "since 9", "source 'button'", "unit_id NULL", "evidence_at 9", "verified 0"),
        on("override", "word 'out'", "set_at 9", "until 9"),
        on("student", "number 'X'", "name 'X'", "department 'X'"),
        on("consultation", "faculty_id 2", "student_id 2", "status 'accepted'", "topic 'X'", "message 'X'"),
        on("consultation", "minutes 9", "created_at 9", "answered_at 9", "started_at 9"),
        on("desk_unit", "dialect 1", "faculty_id 2", "speaks_professor_status 1"),
    ].flatMap { $0 }

    private static func on(_ table: String, _ values: String...) -> [OutsideEdit] {
        values.map { text in
            let words = text.split(separator: " ", maxSplits: 1)
            return OutsideEdit(table: table, column: String(words[0]), value: String(words[1]))
        }
    }
}

extension StoreFixture {
    /// Runs SQL outside the program's transactions: in another process if the engine allows one.
    func edit(_ sql: String) async throws {
        guard file != nil || postgres != nil else { return try await store.engine.write { try $0.script(sql) } }
        _ = try await outside(sql)
    }

    /// Adds two people, and a row in each table with versions, as an outside writer that names no version.
    func furnish() async throws {
        try await edit(
            """
            INSERT INTO faculty (id, name, surname, department) VALUES (1, 'Dr. A', 'A', 'D'), (2, 'Dr. B', 'B', 'D');
            INSERT INTO desk_unit (id, dialect, faculty_id) VALUES ('desk-1', 2, 1), ('desk-2', 2, 2);
            INSERT INTO presence (faculty_id, state, since, source, unit_id, evidence_at, verified)
                VALUES (1, 'present', 5, 'beacon', 'desk-1', 5, 1);
            INSERT INTO override (faculty_id, word, set_at) VALUES (1, 'busy', 5);
            INSERT INTO student (id, number, name, department) VALUES (1, '1', 'Ana', 'D'), (2, '2', 'Ben', 'D');
            INSERT INTO consultation (id, faculty_id, student_id, status, topic, message, created_at)
                VALUES (1, 1, 1, 'pending', 't', 'm', 5);
            """)
    }

    func version(_ table: String, where row: String) async throws -> Int64? {
        try await version(on: store.engine, table, where: row)
    }

    func version(on engine: any Engine, _ table: String, where row: String) async throws -> Int64? {
        try await engine.read { connection in
            try connection.first(.init(stringLiteral: "SELECT version FROM \(table) WHERE \(row)"))?.get(0)
        }
    }
}
