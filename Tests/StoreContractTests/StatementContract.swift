// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import SQL
import Store
import TestSupport
import Testing

/// Texts that a careless encoder would change or lose.
private let awkward = [
    "", "a", "it's", "\"quoted\"", "back\\slash", "[1,2]", "{\"a\":null}", "null", "$1", "?", "%", "línea", "日本語", "👩🏽‍🏫",
    "\u{202E}rtl",
    "tab\tnew\nline\r", "\u{1}\u{1F}\u{7F}", "e\u{301}", String(repeating: "x", count: 70_000),
]

@Suite("Statements of any size have one text")
struct StatementContract {
    @Test(arguments: TestEngine.allCases)
    func anEmptySetMatchesNothing(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            try await fixture.store.addFaculty("Dr. A")
            let rows = try await fixture.store.read { transaction in
                try transaction.connection.query("SELECT id FROM faculty WHERE id \(in: Set<FacultyID>())")
                    + transaction.connection.query("SELECT id FROM faculty WHERE name \(in: [String]())")
            }
            #expect(rows.isEmpty)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func aSetMatchesEachOfItsTextsAsItIs(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            try await fixture.store.write { transaction in
                for text in awkward { try insert([text], "kept", transaction.connection) }
                try insert(["other"], "kept", transaction.connection)
            }
            let found: [String] = try await fixture.store.read { transaction in
                try transaction.connection.query(
                    "SELECT unit FROM refusal WHERE unit \(in: awkward)"
                ) { row throws(SQLError) in try row.next() }
            }
            #expect(found.count == awkward.count)
            #expect(Set(found) == Set(awkward))
        }
    }

    @Test(arguments: TestEngine.allCases)
    func pairsMatchTheirOwnRowsAndNoOthers(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            try await fixture.store.write { transaction in
                for text in awkward { try insert(awkward, text, transaction.connection) }
            }
            let wanted = zip(awkward, awkward.reversed()).map { ($0, $1) } + [("nobody", "a"), ("a", "nothing")]
            let found: [String] = try await fixture.store.read { transaction in
                try transaction.connection.query(
                    """
                    SELECT r.unit, r.reason FROM \(pairs: wanted) k CROSS JOIN refusal r
                    WHERE r.unit = k.column1 AND r.reason = k.column2
                    """
                ) { row throws(SQLError) in "\(try row.next(String.self))|\(try row.next(String.self))" }
            }
            #expect(Set(found) == Set(zip(awkward, awkward.reversed()).map { "\($0)|\($1)" }))
            #expect(found.count == awkward.count)
            let none = try await fixture.store.read { transaction in
                try transaction.connection.query("SELECT 1 FROM \(pairs: [(String, String)]()) k")
            }
            #expect(none.isEmpty)
        }
    }

    @Test(arguments: TestEngine.allCases)
    func aBulkStatementWritesEachRowWithItsNulls(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            try await fixture.store.addFaculty("Dr. A")
            let insert = SQLBulkStatement(
                "INSERT INTO faculty (id, name, surname, department, room)",
                rows: [.integer, .text, .text, .text, .text],
                "ON CONFLICT (id) DO UPDATE SET room = excluded.room")
            let change = SQLBulkStatement(
                "UPDATE faculty SET room = v.column2 FROM (", rows: [.integer, .text],
                ") AS v WHERE faculty.id = v.column1")
            try await fixture.store.write { transaction in
                var rows = SQLRows(for: insert)
                for number: Int64 in 100..<700 {
                    rows.append([
                        number.sqlValue, "Dr. \(number)".sqlValue, "\(number)".sqlValue, "Law".sqlValue,
                        number % 2 == 0 ? .null : "\(number)".sqlValue,
                    ])
                }
                try transaction.connection.execute(insert, rows)
                try transaction.connection.execute(insert, SQLRows(for: insert))
                var rooms = SQLRows(for: change)
                rooms.append([Int64(101).sqlValue, .null])
                rooms.append([Int64(102).sqlValue, "B-2".sqlValue])
                try transaction.connection.execute(change, rooms)
            }
            let rooms: [Int64: String?] = try await fixture.store.read { transaction in
                Dictionary(
                    uniqueKeysWithValues: try transaction.connection.query(
                        "SELECT id, room FROM faculty WHERE id >= 100"
                    ) { row throws(SQLError) in (try row.next(Int64.self), try row.next(String?.self)) })
            }
            #expect(rooms.count == 600)
            for (number, room) in rooms where number > 102 { #expect(room == (number % 2 == 0 ? nil : "\(number)")) }
            #expect(rooms[100] == .some(nil) && rooms[101] == .some(nil) && rooms[102] == "B-2")
        }
    }

    @Test(arguments: TestEngine.allCases)
    func aTextWithANULCharacterIsRefusedInEachPlace(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let text = "a\0b"
            let attempts: [@Sendable (any Connection) throws -> Void] = [
                { _ = try $0.query("SELECT 1 FROM faculty WHERE name = \(text)") },
                { _ = try $0.query("SELECT 1 FROM faculty WHERE name \(in: [text])") },
                { _ = try $0.query("SELECT 1 FROM \(pairs: [(text, text)]) k") },
                { try insert([text], "kept", $0) },
            ]
            for attempt in attempts {
                let error = await #expect(throws: SQLError.self) {
                    try await fixture.store.write { transaction in try attempt(transaction.connection) }
                }
                #expect(error?.code == .constraint)
            }
        }
    }

    @Test(arguments: TestEngine.allCases)
    func aColumnOfAnotherKindIsNamedByItsPlace(_ engine: TestEngine) async throws {
        try await withStore(engine) { fixture in
            let error = await #expect(throws: SQLError.self) {
                try await fixture.store.read { transaction in
                    try transaction.connection.query("SELECT 1, 'word'") { row throws(SQLError) in
                        (try row.next(Int64.self), try row.next(Int64.self))
                    }
                    .count
                }
            }
            #expect(error?.code == .unexpectedValue)
            #expect(error?.message.contains("column 1") == true)
        }
    }
}

private func insert(_ units: [String], _ reason: String, _ connection: any Connection) throws {
    let statement = SQLBulkStatement(
        "INSERT INTO refusal (unit, reason, count, first_at, last_at)",
        rows: [.text, .text, .integer, .integer, .integer])
    var rows = SQLRows(for: statement)
    for unit in units {
        rows.append([
            unit.sqlValue, reason.sqlValue, Int64(1).sqlValue, Int64(0).sqlValue, Int64(0).sqlValue,
        ])
    }
    try connection.execute(statement, rows)
}
