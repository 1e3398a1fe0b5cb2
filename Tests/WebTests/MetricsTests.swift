// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Logging
import ServiceLifecycle
import Testing

@testable import Web

@Suite("Metrics over HTTP", .timeLimit(.minutes(5)))
struct MetricsTests {
    private let page = MetricsPage(contentType: "text/plain; version=0.0.4; charset=utf-8") { "up 1\n" }
    private let secret = "0123456789abcdef"

    private func ask(_ port: Int, _ fields: [String: String] = [:]) async throws -> (status: Int, body: String) {
        try await withConnection(to: port) { connection in
            var fields = fields
            fields["Connection"] = "close"
            try await connection.send("GET", "/metrics", fields)
            let (status, _) = try await connection.head()
            return (status, try await connection.textUntilClosed())
        }
    }

    @Test func onThePagesPortTheTokenAloneOpensIt() async throws {
        let token = try #require(BearerToken(secret))
        try await withEdge(metrics: (page, token)) { edge in
            let body = try await ask(edge.port, ["Authorization": "Bearer \(secret)"]).body
            #expect(body == "up 1\n")
            let (status, _) = try await ask(edge.port, ["Authorization": "bearer \(secret)"])
            #expect(status == 200)
            for wrong in ["Bearer \(secret)x", "Bearer \(secret.dropLast())", "Bearer ", secret, "Basic \(secret)"] {
                let (status, _) = try await ask(edge.port, ["Authorization": wrong])
                #expect(status == 404, "\(wrong)")
            }
            let (bare, _) = try await ask(edge.port)
            #expect(bare == 404)
        }
    }

    @Test func withoutATokenThereIsNothingHere() async throws {
        try await withEdge { edge in
            let (status, _) = try await ask(edge.port, ["Authorization": "Bearer \(secret)"])
            #expect(status == 404)
        }
    }

    @Test(arguments: ["", "short", "fifteen-letters", "with a space in its middle", "ümlaut-in-the-secret"])
    func aTokenThatKeepsNobodyOutIsNone(_ text: String) {
        #expect(BearerToken(text) == nil)
    }

    @Test func aTokenIsNeverWritten() throws {
        let token = try #require(BearerToken(secret))
        #expect(!"\(token) \(String(reflecting: token))".contains(secret))
    }

    @Test func aListenerOfItsOwnServesNothingElse() async throws {
        let (ports, bound) = AsyncStream.makeStream(of: Int.self)
        let logger = Logger(label: "WebTests") { _ in SwiftLogNoOpLogHandler() }
        let listener = MetricsListener(page, host: "127.0.0.1", port: 0, logger: logger) { bound.yield($0) }
        let group = ServiceGroup(configuration: .init(services: [listener], logger: logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            for await port in ports {
                let (status, body) = try await ask(port)
                #expect(status == 200 && body == "up 1\n")
                let other = try await withConnection(to: port) { connection in
                    try await connection.send("GET", "/kiosk", ["Connection": "close"])
                    return try await connection.head().0
                }
                #expect(other == 404)
                break
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }
}
