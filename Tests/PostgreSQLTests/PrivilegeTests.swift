// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation
import PostgreSQL
import SQL
import TestSupport
import Testing

@Suite(
    "PostgreSQL: missing privileges", .enabled(if: PostgresServer.isInstalled), .timeLimit(.minutes(5)))
struct PrivilegeTests {
    /// Runs `body` with an engine whose role owns nothing, and which has one writing connection.
    private func withPlainRole(_ body: (PostgreSQLEngine, EngineFixture) async throws -> Void) async throws {
        let server = try await PostgresServer.start()
        defer { server.stop() }
        let fixture = EngineFixture(server: server, url: try await server.newDatabase())
        _ = try await fixture.psql(
            """
            CREATE ROLE plain LOGIN;
            CREATE TABLE item (id BIGINT PRIMARY KEY, name TEXT NOT NULL);
            GRANT SELECT, INSERT ON item TO plain
            """)
        var limits = PostgreSQLConfiguration.Limits()
        limits.writers = 1
        try await fixture.withEngine(role: "plain", limits: limits) { try await body($0, fixture) }
    }

    @Test func aTransactionThatFailedToBeginLeavesItsConnectionWell() async throws {
        try await withPlainRole { engine, fixture in
            try await engine.insert(1)
            let term = try await engine.lead()
            try await term.insert(2)
            let function = "FUNCTION pg_catalog.pg_current_xact_id()"
            _ = try await fixture.psql("REVOKE EXECUTE ON \(function) FROM PUBLIC")
            // The transaction has no data yet, so no data can cause the error.
            #expect(await code { try await engine.insert(3) } == .cannotOpen)
            #expect(await code { try await term.insert(3) } == .cannotOpen)
            _ = try await fixture.psql("GRANT EXECUTE ON \(function) TO PUBLIC")
            try await engine.insert(3)
            try await term.insert(4)
            #expect(try await engine.count() == 4)
        }
    }

    @Test(arguments: [
        ("REVOKE INSERT ON item FROM plain", "GRANT INSERT ON item TO plain"),
        ("ALTER TABLE item RENAME TO other", "ALTER TABLE other RENAME TO item"),
        ("ALTER TABLE item RENAME name TO other", "ALTER TABLE item RENAME other TO name"),
    ])
    func aMissingObjectIsATransientDatabaseFault(_ taking: String, _ givingBack: String) async throws {
        try await withPlainRole { engine, fixture in
            try await engine.insert(1)
            _ = try await fixture.psql(taking)
            let error = await #expect(throws: SQLError.self) { try await engine.insert(2) }
            #expect(error?.isTransient == true, "\(error?.message ?? "")")
            _ = try await fixture.psql(givingBack)
            try await engine.insert(2)
            #expect(try await engine.count() == 2)
        }
    }

    /// A role may lack the right to call the function; the rest of the server's identity must then be enough.
    @Test func aRoleThatMayNotAskForTheClustersIdentifierConnectsAllTheSame() async throws {
        try await withPlainRole { engine, fixture in
            _ = try await fixture.psql("REVOKE EXECUTE ON FUNCTION pg_catalog.pg_control_system() FROM PUBLIC")
            try await engine.insert(1)
            #expect(try await engine.write { try $0.timeline() }?.hasPrefix("00000001-") == true)
        }
    }

    /// Environment variables never lead to another server than the URL says.
    @Test func theEnvironmentNamesNoOtherServer() async throws {
        try await withFixture { fixture in
            try await fixture.withEngine(socket: true) { engine in
                // The variable is harmless to other tests: all their servers listen on this address too.
                setenv("PGHOSTADDR", "127.0.0.1", 1)
                let address = try await engine.read { try $0.query("SELECT host(inet_server_addr())")[0] }
                #expect(address.values == [.null])
            }
        }
    }
}
