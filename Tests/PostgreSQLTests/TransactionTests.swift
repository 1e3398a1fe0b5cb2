// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import PostgreSQL
import SQL
import TestSupport
import Testing

@Suite("PostgreSQL: transactions", .enabled(if: PostgresServer.isInstalled), .timeLimit(.minutes(5)))
struct TransactionTests {
    @Test(arguments: [
        SQLValue.null, .integer(0), .integer(.min), .integer(.max), .text(""), .text("Zoë 🎓 'x' \\ %s"),
        .blob([]), .blob(Array(0...255)), .text(String(repeating: "long ", count: 50_000)),
    ])
    func aValueComesBackAsItWas(_ value: SQLValue) async throws {
        try await withEngine { engine, _ in
            let rows = try await engine.write { connection in
                try connection.script("CREATE TABLE t (n BIGINT, t TEXT, b BYTEA)")
                switch value {
                case .null: try connection.execute("INSERT INTO t (n) VALUES (\(Int64?.none))")
                case .integer(let number): try connection.execute("INSERT INTO t (n) VALUES (\(number))")
                case .text(let text): try connection.execute("INSERT INTO t (t) VALUES (\(text))")
                case .blob(let bytes): try connection.execute("INSERT INTO t (b) VALUES (\(bytes))")
                }
                return try connection.query("SELECT coalesce(n, 0) IS NULL, n, t, b FROM t")
            }
            #expect(rows.count == 1)
            #expect(rows.first?.values.dropFirst().filter { $0 != .null } ?? [] == (value == .null ? [] : [value]))
        }
    }

    @Test func otherTypesAreReadAsTheSharedOnes() async throws {
        try await withEngine { engine, _ in
            let values = try await engine.read {
                try $0.query("SELECT 1::int2, 2::int4, true, sum(3::bigint), 1.5, 'x'::varchar, NULL::bytea")[0].values
            }
            #expect(
                values == [
                    .integer(1), .integer(2), .integer(1), .integer(3), .text("1.5"), .text("x"), .null,
                ])
        }
    }

    @Test func aStatementSaysHowManyRowsItChanged() async throws {
        try await withEngine { engine, _ in
            let counts = try await engine.write { connection in
                [
                    try connection.execute("INSERT INTO item VALUES (1, 'a'), (2, 'b')"),
                    try connection.execute("UPDATE item SET name = 'c' WHERE id > \(Int64(1))"),
                    try connection.execute("SELECT 1 UNION SELECT 2"),
                    try connection.execute("DELETE FROM item"),
                ]
            }
            #expect(counts == [2, 1, 0, 2])
        }
    }

    @Test func thousandsOfValuesAreBound() async throws {
        try await withEngine { engine, _ in
            try await engine.write { connection in
                let rows = (1...5_000).map { [SQLValue.integer($0), .text("\($0)")] }
                try connection.execute("INSERT INTO item (id, name) VALUES \(rows: rows)")
            }
            #expect(try await engine.count() == 5_000)
        }
    }

    @Test func moreStatementsThanAreKeptPreparedStillWork() async throws {
        try await withEngine { engine, _ in
            try await engine.write { connection in
                for round in 0..<2 {
                    for number in 0..<300 {
                        let statement = SQLStatement(stringLiteral: "SELECT \(number) + \(round)")
                        let value: Int64 = try connection.query(statement)[0].get(0)
                        #expect(value == Int64(number + round))
                    }
                }
                let kept: Int64 = try connection.query("SELECT count(*) FROM pg_prepared_statements")[0].get(0)
                #expect(kept == 256)
            }
        }
    }

    @Test func anErrorOfTheBodyRollsBack() async throws {
        struct Refusal: Error {}
        try await withEngine { engine, _ in
            await #expect(throws: Refusal.self) {
                try await engine.write { connection in
                    try connection.execute("INSERT INTO item VALUES (1, 'a')")
                    throw Refusal()
                }
            }
            #expect(try await engine.count() == 0)
            try await engine.insert(1)
        }
    }

    @Test func theFirstCauseIsThrownWhateverFollowsIt() async throws {
        try await withEngine { engine, _ in
            try await engine.insert(1)
            let error = await #expect(throws: SQLError.self) {
                try await engine.write { connection in
                    _ = try? connection.execute("INSERT INTO item VALUES (1, 'twice')")
                    try connection.execute("INSERT INTO item VALUES (2, 'b')")
                }
            }
            #expect(error?.code == .constraint)
            #expect(error?.message.contains("item_pkey") == true)
        }
    }

    @Test func aBodyThatHidesAnErrorIsNotCommitted() async throws {
        try await withEngine { engine, _ in
            let code = await code {
                try await engine.write { connection in
                    try connection.execute("INSERT INTO item VALUES (1, 'a')")
                    _ = try? connection.execute("INSERT INTO item VALUES (1, 'twice')")
                }
            }
            #expect(code == .constraint)
            let count = try await engine.count()
            #expect(count == 0)
        }
    }

    @Test func aSavepointThatWasGoneBackToLeavesTheTransactionWhole() async throws {
        try await withEngine { engine, _ in
            try await engine.write { connection in
                try connection.execute("INSERT INTO item VALUES (1, 'a')")
                try connection.execute("SAVEPOINT s")
                _ = try? connection.execute("INSERT INTO item VALUES (1, 'twice')")
                try connection.execute("ROLLBACK TO SAVEPOINT s")
            }
            #expect(try await engine.count() == 1)
        }
    }

    @Test func aBodyThatEndsTheTransactionItselfIsTold() async throws {
        try await withEngine { engine, _ in
            #expect(await code { try await engine.write { try $0.script("COMMIT") } } == .statement)
            try await engine.insert(1)
        }
    }

    @Test func aCheckAtCommitRollsBack() async throws {
        try await withEngine { engine, fixture in
            _ = try await fixture.psql(
                """
                CREATE TABLE child (item BIGINT REFERENCES item DEFERRABLE INITIALLY DEFERRED)
                """)
            let code = await code { try await engine.write { _ = try $0.execute("INSERT INTO child VALUES (7)") } }
            #expect(code == .constraint)
            try await engine.insert(1)
        }
    }

    @Test func cancellingTheCallerDoesNotCutATransaction() async throws {
        try await withEngine { engine, _ in
            let stop = Stop()
            let task = Task {
                try await engine.write { connection in
                    try connection.execute("INSERT INTO item VALUES (1, 'a')")
                    stop.block()
                    try connection.execute("INSERT INTO item VALUES (2, 'b')")
                    return true
                }
            }
            await stop.isReached()
            task.cancel()
            stop.release()
            let value = try await task.value
            #expect(value)
            #expect(try await engine.count() == 2)
        }
    }

    @Test func aReaderSeesOneSnapshot() async throws {
        try await withEngine { engine, _ in
            let stop = Stop()
            let reading = Task {
                try await engine.read { connection in
                    let before: Int64 = try connection.query("SELECT count(*) FROM item")[0].get(0)
                    stop.block()
                    let after: Int64 = try connection.query("SELECT count(*) FROM item")[0].get(0)
                    return (before, after)
                }
            }
            await stop.isReached()
            try await engine.insert(1)
            stop.release()
            #expect(try await reading.value == (0, 0))
            #expect(try await engine.count() == 1)
        }
    }

    @Test func aReaderCanNotWrite() async throws {
        try await withEngine { engine, _ in
            let error = await #expect(throws: SQLError.self) {
                try await engine.read { _ = try $0.execute("INSERT INTO item VALUES (1, 'a')") }
            }
            #expect(error?.message.contains("25006") == true)
            let count = try await engine.count()
            #expect(count == 0)
        }
    }

    @Test func aMigrationMayTakeLongerThanAStatement() async throws {
        var limits = PostgreSQLConfiguration.Limits()
        limits.statementTimeout = .seconds(1)
        try await withEngine(limits: limits) { engine, _ in
            try await engine.write { try $0.script("SELECT pg_sleep(1.5); INSERT INTO item VALUES (1, 'a')") }
            let code = await code { try await engine.write { _ = try $0.query("SELECT pg_sleep(5)") } }
            #expect(code == .timeout)
            #expect(try await engine.count() == 1)
        }
    }

    @Test func aTableThatChangedUnderAPreparedStatementIsAConflict() async throws {
        try await withEngine { engine, fixture in
            try await engine.insert(1)
            let names: @Sendable (any Connection) throws -> [SQLRow] = { try $0.query("SELECT * FROM item") }
            _ = try await engine.write(names)
            _ = try await fixture.psql("ALTER TABLE item ADD COLUMN more TEXT")
            #expect(await code { _ = try await engine.write(names) } == .conflict)
            #expect(try await engine.write(names)[0].values.count == 3)
        }
    }
}
