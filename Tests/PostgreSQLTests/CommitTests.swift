// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation
import PostgreSQL
import Randomness
import SQL
import TestSupport
import Testing

@Suite("PostgreSQL: a COMMIT without an answer", .enabled(if: PostgresServer.isInstalled), .timeLimit(.minutes(5)))
struct CommitTests {
    private func withProxy<Value>(
        limits: PostgreSQLConfiguration.Limits = .init(),
        _ body: (PostgresProxy, PostgreSQLEngine, EngineFixture) async throws -> Value
    ) async throws -> Value {
        try await withFixture { fixture in
            let proxy = try PostgresProxy(to: fixture.server.port)
            defer { proxy.stop() }
            return try await fixture.withEngine(port: proxy.port, limits: limits) { engine in
                try await body(proxy, engine, fixture)
            }
        }
    }

    @Test func aCommitThatHappenedIsASuccess() async throws {
        try await withProxy { proxy, engine, fixture in
            proxy.cutNext([.afterCommit])
            let value = try await engine.write { connection in
                try connection.execute("INSERT INTO item VALUES (1, 'a')")
                return 42
            }
            #expect(value == 42)
            #expect(proxy.cutCount == 1)
            #expect(try await fixture.psql("SELECT count(*) FROM item") == "1")
            try await engine.insert(2)
        }
    }

    @Test func aCommitThatDidNotHappenIsALostConnection() async throws {
        try await withProxy { proxy, engine, fixture in
            proxy.cutNext([.beforeCommit])
            #expect(await code { try await engine.insert(1) } == .connectionLost)
            #expect(proxy.cutCount == 1)
            #expect(try await fixture.psql("SELECT count(*) FROM item") == "0")
            try await engine.insert(1)
        }
    }

    @Test func aCommitThatTakesLongIsWaitedFor() async throws {
        try await withProxy { proxy, engine, fixture in
            // The server is in the middle of COMMIT when the connection is cut: a deferred trigger sleeps.
            _ = try await fixture.psql(
                """
                CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(1); RETURN NULL; END';
                CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON item DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION slow()
                """)
            proxy.cutNext([.duringCommit])
            try await engine.insert(1)
            #expect(try await fixture.psql("SELECT count(*) FROM item") == "1")
        }
    }

    @Test func anUnprovableEndIsSaidToBeUnknown() async throws {
        var limits = PostgreSQLConfiguration.Limits()
        limits.inquiryTimeout = .milliseconds(500)
        try await withProxy(limits: limits) { proxy, engine, fixture in
            proxy.cutNext([.afterCommitForGood])
            #expect(await code { try await engine.insert(1) } == .unknownOutcome)
            let count = try await fixture.psql("SELECT count(*) FROM item")
            #expect(count == "1")
        }
    }

    @Test func everyCutHasItsRightEnd() async throws {
        try await withProxy { proxy, engine, fixture in
            var generator = SeededGenerator(seed: UInt64.random(in: 0...UInt64.max))
            var expected = 0
            for number in 0..<20 {
                let happens = Bool.random(using: &generator)
                proxy.cutNext([happens ? .afterCommit : .beforeCommit])
                let code = await code { try await engine.insert(Int64(number)) }
                #expect(code == (happens ? nil : .connectionLost), "seed \(generator.seed), \(number)")
                expected += happens ? 1 : 0
            }
            let count = try await fixture.psql("SELECT count(*) FROM item")
            #expect(count == "\(expected)", "seed \(generator.seed)")
        }
    }

    /// After a crash the transaction's number may have been assigned again, so "committed" proves nothing.
    @Test(arguments: [true, false])
    func afterACrashAServerIsNotBelievedThatItCommitted(_ crashes: Bool) async throws {
        let server = try await PostgresServer.start()
        defer { server.stop() }
        let fixture = EngineFixture(server: server, url: try await server.newDatabase())
        _ = try await fixture.psql("CREATE TABLE item (id BIGINT PRIMARY KEY, name TEXT NOT NULL)")
        let proxy = try PostgresProxy(to: server.port)
        defer { proxy.stop() }
        try await fixture.withEngine(port: proxy.port) { engine in
            proxy.cutNext([.afterCommitForGood])
            async let end = code { try await engine.insert(1) }
            try await eventually("COMMIT was cut") { proxy.cutCount == 1 }
            try await server.restart(crash: crashes)
            proxy.admit()
            #expect(await end == (crashes ? .unknownOutcome : nil))
            let count = try await fixture.psql("SELECT count(*) FROM item")
            #expect(count == "1")
        }
    }

    @Test func aLeadersCommitThatHappenedIsASuccessAndItsTermOver() async throws {
        try await withProxy { proxy, engine, fixture in
            let term = try await engine.lead()
            proxy.cutNext([.afterCommit])
            try await term.insert(1)
            #expect(try await fixture.psql("SELECT count(*) FROM item") == "1")
            await term.ended()
            #expect(await code { try await term.insert(2) } == .notLeader)
            await #expect(throws: SQLError.self) { try await term.requireHeld() }
        }
    }

    @Test func aLeadersCommitThatDidNotHappenIsALostConnection() async throws {
        try await withProxy { proxy, engine, fixture in
            let term = try await engine.lead()
            proxy.cutNext([.beforeCommit])
            #expect(await code { try await term.insert(1) } == .connectionLost)
            await term.ended()
            #expect(try await fixture.psql("SELECT count(*) FROM item") == "0")
        }
    }
}
