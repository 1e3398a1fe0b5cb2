// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation
import PostgreSQL
import SQL
import TestSupport
import Testing

@Suite("PostgreSQL over TLS", .enabled(if: PostgresServer.isInstalled), .timeLimit(.minutes(5)))
struct TLSTests {
    /// Makes an authority, its certificate for `localhost`, and an untrusted authority.
    private static let makeCertificates = """
        set -e
        cd "$1"
        for name in ca other; do
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout $name.key -out $name.pem \
                -subj "/CN=$name" -days 2
        done
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout server.key -out server.csr -subj /CN=x
        printf 'subjectAltName=DNS:localhost\\n' >extensions
        openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile extensions \
            -out server.pem
        chmod 600 server.key
        """

    private func openCode(_ url: String) async -> (SQLError.Code?, String) {
        do {
            let engine = try await PostgreSQLEngine.open(
                configuration: PostgreSQLConfiguration(url: url), logger: EngineFixture.quiet)
            let isSecured: Int64 = try await engine.read {
                try $0.query("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")[0].get(0)
            }
            try engine.close()
            return (nil, isSecured == 1 ? "secured" : "open")
        } catch {
            return ((error as? SQLError)?.code, "\(error)")
        }
    }

    @Test func onlyTheRightAuthorityAndNameAreBelieved() async throws {
        let server = try await PostgresServer.start(settings: [
            "ssl = on", "ssl_cert_file = '../server.pem'", "ssl_key_file = '../server.key'",
        ]) { folder in
            let process = Process()
            process.executableURL = URL(filePath: "/bin/sh")
            process.arguments = ["-c", Self.makeCertificates, "sh", folder.path]
            process.standardError = FileHandle.nullDevice
            try process.run()
            process.waitUntilExit()
        }
        defer { server.stop() }
        let place = "localhost:\(server.port)/postgres?sslmode=verify-full&sslrootcert=\(server.folder.path)"
        #expect(await openCode("postgres://consultease@\(place)/ca.pem") == (nil, "secured"))
        #expect(await openCode("postgres://consultease@\(place)/other.pem").0 == .cannotOpen)
        let byAddress = place.replacing("localhost", with: "127.0.0.1")
        let (code, text) = await openCode("postgres://consultease@\(byAddress)/ca.pem")
        #expect(code == .cannotOpen)
        #expect(text.contains("does not match host name"))
        // Without a setting, a connection to this machine uses TLS if the server supports it.
        #expect(await openCode(server.url("postgres")) == (nil, "secured"))
    }

    @Test func aServerWithoutTLSIsRefusedWhereItIsAskedFor() async throws {
        let server = try await PostgresServer.shared()
        let (code, text) = await openCode(server.url("postgres") + "?sslmode=require")
        #expect(code == .cannotOpen)
        #expect(text.contains("does not support SSL"))
    }
}
