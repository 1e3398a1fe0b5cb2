// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import PostgreSQL
import SQL
import TestSupport
import Testing

@Suite("A database that can't store every name is refused")
struct EncodingTests {
    @Test(arguments: ["LATIN1", "SQL_ASCII"])
    func anotherEncodingThanUTF8IsRefusedWithTheRemedy(_ encoding: String) async throws {
        let server = try await PostgresServer.shared()
        let name = "encoded_\(encoding.lowercased())"
        _ = try await server.psql(
            "CREATE DATABASE \(name) TEMPLATE template0 ENCODING '\(encoding)' LC_COLLATE 'C' LC_CTYPE 'C'",
            database: "postgres")
        let refusal = try await #require(throws: SQLError.self) {
            _ = try await PostgreSQLEngine.open(
                configuration: try PostgresServer.configuration(of: server.url(name)), logger: EngineFixture.quiet)
        }
        #expect(refusal.code == .cannotOpen)
        #expect(refusal.message.contains(encoding) && refusal.message.contains("ENCODING 'UTF8'"))
        _ = try await server.psql("DROP DATABASE \(name)", database: "postgres")
    }
}
