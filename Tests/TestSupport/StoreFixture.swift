// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
package import Foundation
package import Logging
import PostgreSQL
import Randomness
package import SQL
import SQLite
package import Store

/// The engines on which the contract suite runs.
package enum TestEngine: String, CaseIterable, Sendable {
    case sqliteInMemory
    case sqliteFile
    case postgreSQL

    /// The engines whose database another process can write to.
    package static let shared: [TestEngine] = [.sqliteFile, .postgreSQL]
}

/// A new, empty store on an engine, with a clock that the test moves.
package struct StoreFixture: Sendable {
    package let store: Store
    package let time: ManualTime
    /// Lets a test hold commits back, or fail them.
    package let faults: FaultyEngine
    /// SQLite's file; nil for memory and for PostgreSQL.
    package let file: URL?
    /// PostgreSQL's server and the URL of the database; nil for other engines.
    package let postgres: (server: PostgresServer, url: String)?

    /// Runs SQL as an operator would, with the engine's own shell in its own process.
    package func outside(_ sql: String) async throws -> String {
        if let file { return try await outsider(sql, on: file) }
        guard let postgres else { throw OutsiderError(text: "no other process can use a database in memory") }
        do {
            return try await postgres.server.psql(sql, database: PostgresServer.name(in: postgres.url))
        } catch let error as ChildProcessError {
            throw OutsiderError(text: error.description)
        }
    }

    /// Returns another engine on the same database, like a second instance's.
    package func anotherEngine() throws -> any Engine {
        if let file { return try SQLiteEngine.file(at: file.path) }
        guard let postgres else { throw OutsiderError(text: "no other process can use a database in memory") }
        return PostgreSQLEngine(
            configuration: try PostgresServer.configuration(of: postgres.url), logger: quietLogger)
    }
}

/// A logger that discards everything.
package let quietLogger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// Runs `body` with a new, empty store.
package func withStore<Value>(
    _ engine: TestEngine = .sqliteFile, _ body: (StoreFixture) async throws -> Value
) async throws -> Value {
    switch engine {
    case .sqliteInMemory:
        return try await withStore(on: try SQLiteEngine.inMemory(), body)
    case .sqliteFile:
        return try await withTemporaryFolder { folder in
            let file = folder.appending(path: "test.sqlite")
            return try await withStore(on: try SQLiteEngine.file(at: file.path), file: file, body)
        }
    case .postgreSQL:
        let server = try await PostgresServer.shared()
        return try await server.withDatabase { url in
            let opened = PostgreSQLEngine(
                configuration: try PostgresServer.configuration(of: url), logger: quietLogger)
            return try await withStore(on: opened, postgres: (server, url), body)
        }
    }
}

private func withStore<Value>(
    on engine: any Engine, file: URL? = nil, postgres: (PostgresServer, String)? = nil,
    _ body: (StoreFixture) async throws -> Value
) async throws -> Value {
    defer { try? engine.close() }
    var generator = SeededGenerator(seed: 1)
    _ = try await Migrator.migrate(engine, lineage: Lineage(using: &generator))
    let time = ManualTime()
    let faults = FaultyEngine(engine)
    let store = try await Store(engine: faults, time: time)
    return try await body(StoreFixture(store: store, time: time, faults: faults, file: file, postgres: postgres))
}

/// Runs SQL as an operator would: with the `sqlite3` shell on the same file, in its own process. A line that begins
/// with a dot is a command of that shell.
@discardableResult
package func outsider(_ lines: String..., on file: URL) async throws -> String {
    do {
        return try await ChildProcess.run(["/usr/bin/sqlite3", "-cmd", ".timeout 5000", file.path] + lines)
    } catch let error as ChildProcessError {
        throw OutsiderError(text: error.description)
    }
}

package struct OutsiderError: Error {
    package let text: String
}
