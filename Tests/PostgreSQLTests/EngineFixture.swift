// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation
import Logging
import PostgreSQL
import SQL
import TestSupport
import Testing

/// A new database on the shared server, and engines that use it.
struct EngineFixture: Sendable {
    let server: PostgresServer
    let url: String

    static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Runs `body` with an engine: on another port if a proxy stands in front of the server, over the Unix socket, or
    /// as another role.
    func withEngine<Value>(
        port: Int? = nil, socket: Bool = false, role: String = "consultease",
        limits: PostgreSQLConfiguration.Limits = .init(), _ body: (PostgreSQLEngine) async throws -> Value
    ) async throws -> Value {
        let place = server.url(PostgresServer.name(in: url), port: port, socket: socket, role: role)
        var configuration = try PostgreSQLConfiguration(url: place)
        configuration.limits = limits
        let engine = PostgreSQLEngine(configuration: configuration, logger: Self.quiet)
        do {
            let value = try await body(engine)
            try engine.close()
            return value
        } catch {
            try engine.close()
            throw error
        }
    }

    func psql(_ sql: String) async throws -> String {
        try await server.psql(sql, database: PostgresServer.name(in: url))
    }

    /// Ends the engine's connections that fulfil the condition.
    @discardableResult
    func terminate(where condition: String = "true") async throws -> Int {
        try await server.terminateBackends(of: url, where: condition)
    }
}

/// Runs `body` with a database that has the table `item(id, name)`.
func withFixture<Value>(_ body: (EngineFixture) async throws -> Value) async throws -> Value {
    let server = try await PostgresServer.shared()
    return try await server.withDatabase { url in
        let fixture = EngineFixture(server: server, url: url)
        _ = try await fixture.psql("CREATE TABLE item (id BIGINT PRIMARY KEY, name TEXT NOT NULL)")
        return try await body(fixture)
    }
}

/// Runs `body` with a database and one engine on it.
func withEngine<Value>(
    limits: PostgreSQLConfiguration.Limits = .init(), _ body: (PostgreSQLEngine, EngineFixture) async throws -> Value
) async throws -> Value {
    try await withFixture { fixture in
        try await fixture.withEngine(limits: limits) { engine in try await body(engine, fixture) }
    }
}

extension Writer {
    func insert(_ id: Int64, _ name: String = "x") async throws {
        try await write { _ = try $0.execute("INSERT INTO item (id, name) VALUES (\(id), \(name))") }
    }
}

extension Engine {
    func count() async throws -> Int64 {
        try await read { try $0.query("SELECT count(*) FROM item")[0].get(0) }
    }
}

/// Returns the code of the error that `body` throws; nil if it throws none.
func code(_ body: () async throws -> Void) async -> SQLError.Code? {
    do {
        try await body()
        return nil
    } catch {
        return (error as? SQLError)?.code
    }
}

/// A gate that blocks a thread until the test opens it.
final class Stop: Sendable {
    private let gate = DispatchSemaphore(value: 0)
    private let reached = AsyncStream.makeStream(of: Void.self)

    /// A transaction calls this: it blocks the thread until `release()`.
    func block() {
        reached.continuation.yield()
        gate.wait()
    }

    func isReached() async {
        for await _ in reached.stream { return }
    }

    func release() {
        gate.signal()
    }
}
