// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import PostgreSQL
import SQL
import TestSupport
import Testing

@Suite("PostgreSQL: notifications of other commits", .enabled(if: PostgresServer.isInstalled), .timeLimit(.minutes(5)))
struct ListenerTests {
    private let listens = "query = 'LISTEN consultease'"

    private func isListening(_ fixture: EngineFixture) async throws -> Bool {
        let name = PostgresServer.name(in: fixture.url)
        return try await fixture.psql(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = '\(name)' AND \(listens)") == "1"
    }

    @Test func anAnnouncementIsHeardByEverybody() async throws {
        try await withEngine { engine, fixture in
            var one = engine.announcements().makeAsyncIterator()
            var two = engine.announcements().makeAsyncIterator()
            #expect(await one.next() == 0)
            #expect(await two.next() == 0)
            let before = try await engine.outsideVersion()
            _ = try await fixture.psql("NOTIFY consultease, '4711'")
            #expect(await one.next() == 4711)
            #expect(await two.next() == 4711)
            #expect(try await engine.outsideVersion() != before)
        }
    }

    @Test func aListenerWhoseConnectionEndedListensAgain() async throws {
        try await withEngine { engine, fixture in
            var heard = engine.announcements().makeAsyncIterator()
            #expect(await heard.next() == 0)
            let before = try await engine.outsideVersion()
            try await eventually("it listens") { try await isListening(fixture) }
            #expect(try await fixture.terminate(where: listens) == 1)
            // A notification may have been missed.
            #expect(await heard.next() == 0)
            #expect(try await engine.outsideVersion() != before)
            _ = try await fixture.psql("NOTIFY consultease, '5'")
            #expect(await heard.next() == 5)
        }
    }

    @Test func theVersionIsNewAtLeastEveryTwoSeconds() async throws {
        try await withEngine { engine, _ in
            var heard = engine.announcements().makeAsyncIterator()
            _ = await heard.next()
            let first = try await engine.outsideVersion()
            let began = ContinuousClock.now
            try await eventually("a new version") { try await engine.outsideVersion() != first }
            #expect(ContinuousClock.now - began < .seconds(15), "with room for a busy machine")
        }
    }

    @Test func eachVersionIsNewWhileNothingCanBeHeard() async throws {
        let configuration = try PostgreSQLConfiguration(url: "postgres://me@127.0.0.1:\(try freePort())/x")
        let engine = PostgreSQLEngine(configuration: configuration, logger: EngineFixture.quiet)
        var versions: Set<Int64> = []
        for _ in 0..<5 { versions.insert(try await engine.outsideVersion()) }
        #expect(versions.count == 5)
        try engine.close()
    }

    @Test func closingFinishesTheStreams() async throws {
        try await withEngine { engine, _ in
            let stream = engine.announcements()
            try engine.close()
            for await _ in stream {}
            for await _ in engine.announcements() {}
        }
    }
}
