// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Logging
import SQL
import SQLite
import Service
import ServiceLifecycle
import Store
import Synchronization
import Testing

@testable import Web

/// A server on a free port with its own database, as the command runs it, and the edits that a test makes.
struct Edge: Sendable {
    let store: Store
    let board: Board
    let port: Int
    let group: ServiceGroup
    let end: End

    /// How the server ended; nil while it runs.
    final class End: Sendable {
        let result = Mutex<Result<Void, any Error>?>(nil)
    }

    /// The current revision in its external form.
    var tag: RevisionTag { board.snapshot.tag }

    func tag(_ revision: Revision) -> String { "\(store.lineage)-\(revision)" }

    /// Commits a person's override; returns its revision.
    @discardableResult
    func say(_ word: OverrideWord, for number: Int64) async throws -> Revision {
        let id = try #require(FacultyID(number))
        return try await store.write { try OverrideRepository($0).set(word, until: nil, for: id) }.revision
    }

    /// Commits a change of profile; returns its revision.
    @discardableResult
    func edit(_ number: Int64, department: String? = nil, directions: String? = nil) async throws -> Revision {
        try await store.write { transaction in
            try transaction.connection.execute(
                """
                UPDATE faculty SET department = coalesce(\(department), department),
                    directions = coalesce(\(directions), directions), version = version + 1 WHERE id = \(number)
                """)
        }.revision
    }
}

/// Runs `body` against a server with nine people: odd ids in Engineering, even ones in Letters & Arts. Without a board
/// keeper the database is never asked, as if it were out of reach.
func withEdge<Value: Sendable>(
    _ limits: WebLimits = WebLimits(), readiness: any Readiness = Holding(), speed: Double = 1,
    trail: DeliveryTracker = DeliveryTracker(), metrics: (page: MetricsPage, token: BearerToken)? = nil,
    isKept: Bool = true, proxies: ProxyList = .none, _ body: @escaping @Sendable (Edge) async throws -> Value
) async throws -> Value {
    let logger = Logger(label: "WebTests") { _ in SwiftLogNoOpLogHandler() }
    let engine = try SQLiteEngine.inMemory()
    _ = try await Migrator.migrate(engine, lineage: try #require(Lineage("webtests0001")))
    let time = SteadyTime(wall: { Timestamp(milliseconds: 1_795_507_200_000) })
    let store = try await Store(engine: engine, time: time)
    try await store.write { transaction in
        for number in 1...9 {
            try FacultyRepository(transaction).add(
                FacultyProfile(
                    name: "Prof. Person \(number)", department: number % 2 == 1 ? "Engineering" : "Letters & Arts"),
                id: FacultyID(Int64(number)), beacon: nil)
        }
    }
    let board = try await Board(store: store, logger: logger)
    let keeper = BoardKeeper(store: store, board: board, logger: logger)
    let timekeeper = Timekeeper(store: store, logger: logger)
    let (ports, bound) = AsyncStream.makeStream(of: Int.self)
    var dependencies = WebDependencies(
        board: board, readiness: readiness, now: { time.now() }, speed: speed, zone: .utc, limits: limits,
        trail: trail, logger: logger)
    dependencies.metrics = metrics
    dependencies.proxies = proxies
    let server = WebServer(
        dependencies: dependencies,
        host: "127.0.0.1", port: 0, onBound: { bound.yield($0) })
    let group = ServiceGroup(configuration: .init(services: [server], logger: logger))
    let end = Edge.End()
    return try await withThrowingTaskGroup(of: Void.self) { tasks in
        if isKept {
            tasks.addTask { await keeper.run() }
            tasks.addTask { await timekeeper.run() }
        }
        tasks.addTask {
            defer { bound.finish() }
            do {
                try await group.run()
                end.result.withLock { $0 = .success(()) }
            } catch {
                end.result.withLock { $0 = .failure(error) }
                throw error
            }
        }
        var iterator = ports.makeAsyncIterator()
        guard let port = await iterator.next() else {
            try await tasks.waitForAll()
            throw Missing("the server ended before it listened")
        }
        defer { tasks.cancelAll() }
        return try await body(Edge(store: store, board: board, port: port, group: group, end: end))
    }
}

/// Readiness whose checks all pass.
struct Holding: Readiness {
    func checks() async -> [HealthCheck] { [HealthCheck(name: "database"), HealthCheck(name: "board")] }
}

/// What a test waited for did not happen in time.
struct Missing: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Polls `condition` until it holds; fails after `limit`.
func eventually(
    _ what: String, within limit: Duration = .seconds(20), _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < deadline else { throw Missing("\(what): not within \(limit)") }
        await Task.yield()
    }
}

extension Zone {
    static let utc = Zone(identifier: "UTC") { _ in .zero }
}
