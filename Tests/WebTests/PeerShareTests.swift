// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Testing

@testable import Web

@Suite("One client against all others", .timeLimit(.minutes(5)))
struct PeerShareTests {
    @Test func aPeerAtItsShareOfStreamsIsToldSoAndOthersGetTheirs() async throws {
        var limits = WebLimits()
        limits.streamsOfOnePeer = 1
        let proxies = try #require(ProxyList("127.0.0.1"))
        try await withEdge(limits, proxies: proxies) { edge in
            try await edge.events("", ["X-Forwarded-For": "198.51.100.7"]) { reader in
                _ = try await reader.nextChange()
                let same = ["X-Forwarded-For": "203.0.113.5, 198.51.100.7"]
                let refused = try await edge.request("GET", "/api/v1/events", same)
                #expect(refused.status == 429)
                #expect(refused.fields["retry-after"] == "5")
                #expect(try refused.problem() == "too-many-streams-of-one-address")
                try await edge.events("", ["X-Forwarded-For": "198.51.100.8"]) { _ = try await $0.nextChange() }
            }
            try await eventually("the share is free again") {
                try await edge.request("HEAD", "/api/v1/events", ["X-Forwarded-For": "198.51.100.7"]).status == 200
            }
        }
    }

    @Test func theForwardedAddressOfAStrangerCountsForNothing() async throws {
        var limits = WebLimits()
        limits.streamsOfOnePeer = 1
        try await withEdge(limits) { edge in
            try await edge.events("", ["X-Forwarded-For": "198.51.100.7"]) { reader in
                _ = try await reader.nextChange()
                let other = try await edge.request("GET", "/api/v1/events", ["X-Forwarded-For": "198.51.100.8"])
                #expect(other.status == 429)
            }
        }
    }

    @Test(arguments: [
        "", "GET /health/live HTTP/1.1\r\nHost: x\r\n",
        "GET /health/live HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf",
    ])
    func aRequestThatIsNotWholeInTimeEndsTheConnection(_ begun: String) async throws {
        var limits = WebLimits()
        limits.wholeRequest = .milliseconds(200)
        try await withEdge(limits) { edge in
            try await withConnection(to: edge.port) { connection in
                // Whether the connection ends with a reset depends on the bytes still in transit.
                if !begun.isEmpty { try? await connection.send(begun) }
                _ = try? await connection.textUntilClosed()
            }
        }
    }

    @Test func silentConnectionsNeverKeepARequestOut() async throws {
        var limits = WebLimits()
        limits.streamsOfOnePeer = 1
        limits.connectionsBesideStreams = 3
        // The limit is longer than the test, so only the share makes room.
        limits.wholeRequest = .seconds(300)
        try await withEdge(limits) { edge in
            try await hold(40, to: edge.port) { () async throws in
                for _ in 1...10 {
                    #expect(try await edge.request("GET", "/health/live").status == 200)
                }
            }
        }
    }

    /// Holds this many idle connections open while `body` runs.
    private func hold(_ count: Int, to port: Int, _ body: () async throws -> Void) async throws {
        guard count > 0 else { return try await body() }
        try await withConnection(to: port) { _ in try await hold(count - 1, to: port, body) }
    }

    @Test func aConnectionServesOneRequestAfterAnother() async throws {
        try await withEdge { edge in
            try await withConnection(to: edge.port) { connection in
                for _ in 1...3 {
                    let isLive = try await Self.isLive(&connection)
                    #expect(isLive)
                }
            }
        }
    }

    @Test func aConnectionThatRestsForTooLongIsClosed() async throws {
        var limits = WebLimits()
        limits.idleConnection = .milliseconds(300)
        try await withEdge(limits) { edge in
            try await withConnection(to: edge.port) { connection in
                let isLive = try await Self.isLive(&connection)
                #expect(isLive)
                let rest = try await connection.textUntilClosed()
                #expect(rest.isEmpty)
            }
        }
    }

    private static func isLive(_ connection: inout RawConnection) async throws -> Bool {
        try await connection.send("GET", "/health/live")
        let (status, fields) = try await connection.head()
        _ = try await connection.text(length: try #require(fields["content-length"].flatMap { Int($0) }))
        return status == 200
    }
}
