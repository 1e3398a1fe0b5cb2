// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import PostgreSQL
import SQL
import TestSupport
import Testing

@Suite(
    "PostgreSQL: an answered commit is on the disk", .enabled(if: PostgresServer.isInstalled), .timeLimit(.minutes(5)))
struct DurabilityTests {
    private static func setting(_ writer: any Writer) async throws -> String {
        try await writer.write { try $0.query("SHOW synchronous_commit")[0].get(0) }
    }

    /// A session without a setting of its own follows the server's configuration, even if that changes later.
    @Test func aServerThatIsMadeLooseUnderARunningLeaderDoesNotMakeItsCommitsSo() async throws {
        let server = try await PostgresServer.start()
        defer { server.stop() }
        let fixture = EngineFixture(server: server, url: try await server.newDatabase())
        try await fixture.withEngine { engine in
            let term = try await engine.lead()
            #expect(try await Self.setting(term) == "on")
            #expect(try await Self.setting(engine) == "on")
            _ = try await fixture.psql("ALTER SYSTEM SET synchronous_commit = off")
            _ = try await fixture.psql("SELECT pg_reload_conf()")
            try await eventually("the server has read it") {
                try await fixture.psql("SHOW synchronous_commit") == "off"
            }
            // Each server process rereads the configuration before its own next statement, so one check is not enough.
            for _ in 0..<20 {
                #expect(try await Self.setting(term) == "on")
                #expect(try await Self.setting(engine) == "on")
            }
        }
    }

    /// The commit is durable on the server; whether a standby must have it is the operator's choice.
    @Test(arguments: [("local", "local"), ("remote_apply", "remote_apply"), ("off", "on")])
    func theServersReasonIsKeptIfItIsPlain(_ found: String, _ kept: String) async throws {
        try await withEngine { engine, fixture in
            let name = PostgresServer.name(in: fixture.url)
            _ = try await fixture.psql("ALTER DATABASE \(name) SET synchronous_commit = \(found)")
            #expect(try await Self.setting(engine) == kept)
        }
    }
}
