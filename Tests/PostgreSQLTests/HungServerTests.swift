// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import PostgreSQL
import SQL
import TestSupport
import Testing

@Suite("PostgreSQL: a server that says nothing", .enabled(if: PostgresServer.isInstalled), .timeLimit(.minutes(2)))
struct HungServerTests {
    @Test func nobodyWaitsForEverAndTheNextTransactionWorks() async throws {
        try await withFixture { fixture in
            let proxy = try PostgresProxy(to: fixture.server.port)
            defer { proxy.stop() }
            var limits = PostgreSQLConfiguration.Limits()
            limits.statementTimeout = .milliseconds(500)
            limits.connectTimeout = .seconds(4)
            try await fixture.withEngine(port: proxy.port, limits: limits) { engine in
                try await engine.insert(1)
                proxy.block(true)
                #expect(await code { try await engine.insert(2) } == .connectionLost)
                proxy.block(false)
                try await engine.insert(3)
                let ids = try await fixture.psql("SELECT string_agg(id::text, ',' ORDER BY id) FROM item")
                #expect(ids == "1,3")
            }
        }
    }
}
