// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import PostgreSQL
import SQL
import TestSupport
import Testing

@Suite(
    "PostgreSQL: an address that leads to another server while the old one lives",
    .enabled(if: PostgresServer.isInstalled), .timeLimit(.minutes(5)))
struct MovedAddressTests {
    private let leads = "pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted)"

    /// Runs `body` with two servers, each of which tells its name, and an address that leads to the first.
    private func withMove(
        _ body: (_ address: PostgresProxy, _ old: EngineFixture, _ new: EngineFixture) async throws -> Void
    ) async throws {
        let servers = [try await PostgresServer.start(), try await PostgresServer.start()]
        defer { for server in servers { server.stop() } }
        let url = try await servers[0].newDatabase()
        let name = PostgresServer.name(in: url)
        _ = try await servers[1].psql("CREATE DATABASE \(name) TEMPLATE template0", database: "postgres")
        let old = EngineFixture(server: servers[0], url: url)
        let new = EngineFixture(server: servers[1], url: servers[1].url(name))
        for (fixture, server) in [(old, "old"), (new, "new")] {
            _ = try await fixture.psql("CREATE TABLE place AS SELECT '\(server)' AS name")
        }
        let address = try PostgresProxy(to: servers[0].port)
        defer { address.stop() }
        try await body(address, old, new)
    }

    private static func place(_ connection: any Connection) throws -> String {
        try connection.query("SELECT name FROM place")[0].get(0)
    }

    @Test func aLeaderElsewhereReadsAndWritesThere() async throws {
        try await withMove { address, old, new in
            try await old.withEngine(port: address.port) { engine in
                let term = try await engine.lead()
                let before = try await engine.read { (try Self.place($0), try $0.timeline()) }
                #expect(before.0 == "old")
                #expect(try await engine.write { try Self.place($0) } == "old")
                address.turn(to: new.server.port)
                try await old.terminate(where: leads)
                await term.ended()
                let next = try await engine.lead()
                #expect(try await next.write { try Self.place($0) } == "new")
                let after = try await engine.read { (try Self.place($0), try $0.timeline()) }
                #expect(after.0 == "new")
                #expect(after.1 != before.1)
                #expect(try await engine.write { try Self.place($0) } == "new")
            }
        }
    }

    /// The candidate's connection would get the lock of the server that no new connection reaches.
    @Test func aCandidateThatWaitedAtTheOldServerLeadsAtTheNewOne() async throws {
        try await withMove { address, old, new in
            try await old.withEngine { first in
                try await old.withEngine(port: address.port) { second in
                    let term = try await first.lead()
                    async let candidate = second.lead()
                    let waits = """
                        SELECT count(*) FROM pg_stat_activity
                        WHERE query LIKE '%pg_try_advisory_lock%' AND pid <> pg_backend_pid() AND NOT \(leads)
                        """
                    try await eventually("it waits for the lock") { try await old.psql(waits) == "1" }
                    address.turn(to: new.server.port)
                    await term.resign()
                    #expect(try await candidate.write { try Self.place($0) } == "new")
                }
            }
        }
    }

    /// Another connection found that new connections no longer reach the leader's server.
    @Test func aLeaderWhoseServerTheAddressHasLeftResigns() async throws {
        try await withMove { address, old, new in
            try await old.withEngine(port: address.port) { engine in
                let term = try await engine.lead()
                address.turn(to: new.server.port)
                #expect(try await engine.read { try Self.place($0) } == "new")
                await term.ended()
                #expect(await code { try await term.requireHeld() } == .notLeader)
            }
        }
    }
}
