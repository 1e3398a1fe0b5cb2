// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation
import PostgreSQL
import SQL
import TestSupport
import Testing

@Suite(
    "PostgreSQL: sessions that stopped in the middle of a request", .enabled(if: PostgresServer.isInstalled),
    .timeLimit(.minutes(5)))
struct SilentSessionTests {
    @Test func oursAreEndedWhateverTheirURLCallsThemAndAStrangersIsLeftAlone() async throws {
        try await withFixture { fixture in
            let sessions = try ["consultease", "consultease at the desk", "stranger"].map {
                try HalfRequest(fixture.server.port, PostgresServer.name(in: fixture.url), as: $0)
            }
            defer { for session in sessions { session.close() } }
            let half = "state = 'active' AND wait_event = 'ClientRead'"
            let names = """
                SELECT coalesce(string_agg(application_name, ',' ORDER BY application_name), '') FROM pg_stat_activity
                WHERE datname = current_database() AND \(half)
                """
            try await eventually("all are half way") {
                try await fixture.psql(names) == "consultease,consultease at the desk,stranger"
            }
            var limits = PostgreSQLConfiguration.Limits()
            limits.leaderSilence = .milliseconds(1500)
            try await fixture.withEngine(limits: limits) { engine in
                let term = try await engine.lead()
                try await eventually("ours are ended") { try await fixture.psql(names) == "stranger" }
                try await term.requireHeld()
            }
        }
    }
}

/// A session that sends the first part of a request and then nothing (PostgreSQL 15, 55.7).
private struct HalfRequest {
    private let descriptor: Int32

    init(_ port: Int, _ database: String, as name: String) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        address.sin_port = in_port_t(UInt16(port)).bigEndian
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { [descriptor] pointer in
                connect(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw HalfRequestError() }
        let parameters = ["user", "consultease", "database", database, "application_name", name]
        // The start-up message has protocol 3.0, then names and values.
        send([0, 3, 0, 0] + parameters.flatMap { Array($0.utf8) + [0] } + [0], kind: nil)
        var last: [UInt8] = []
        // This is ReadyForQuery in an idle session.
        while last.suffix(6) != [UInt8(ascii: "Z"), 0, 0, 0, 5, UInt8(ascii: "I")] {
            var bytes = [UInt8](repeating: 0, count: 4096)
            let count = read(descriptor, &bytes, bytes.count)
            guard count > 0 else { throw HalfRequestError() }
            last += bytes.prefix(count)
        }
        // This sends Parse without a Sync.
        send([0] + Array("SELECT 1".utf8) + [0, 0, 0], kind: UInt8(ascii: "P"))
    }

    func close() { Glibc.close(descriptor) }

    private func send(_ body: [UInt8], kind: UInt8?) {
        let length = withUnsafeBytes(of: UInt32(body.count + 4).bigEndian) { Array($0) }
        let message = (kind.map { [$0] } ?? []) + length + body
        _ = Glibc.send(descriptor, message, message.count, Int32(MSG_NOSIGNAL))
    }
}

/// The server could not be reached, or it ended the session.
private struct HalfRequestError: Error {}
