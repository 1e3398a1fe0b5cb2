// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
package import SQL
import Synchronization

/// The database with its promises: one revision a transaction, in commit order; availability computed in the transaction
/// that changes an input; nothing tied to a transaction leaves it.
package final class Store: Sendable {
    package let engine: any Engine
    package let lineage: Lineage
    private let time: any TimeSource
    private let listeners = Mutex(Listeners())

    private struct Listeners {
        var next = 0
        var continuations: [Int: AsyncStream<Revision>.Continuation] = [:]
        var lastCommitted = Revision.none
    }

    /// What a committed transaction came to.
    package struct Committed<Value: Sendable>: Sendable {
        package let value: Value
        /// The database's revision with this transaction in it: its own, or the last one where it changed nothing that
        /// anybody is shown.
        package let revision: Revision
    }

    /// Opens a database whose schema is this version's. See `Migrator` for making or upgrading one.
    package init(engine: any Engine, time: any TimeSource) async throws {
        self.engine = engine
        self.time = time
        lineage = try await engine.read { connection in
            try Migrator.requireCurrentSchema(connection)
            return try Meta.lineage(connection)
        }
    }

    package var now: Timestamp { time.now() }

    /// When the database was last written: time never goes back behind it.
    package static func lastCommit(_ connection: any Connection) throws -> Timestamp {
        try Counter.lastCommit(connection)
    }

    /// Ends all connections.
    package func close() throws {
        try engine.close()
    }

    /// Runs `body` in one transaction and returns when it is durable.
    ///
    /// The revision row is taken first, which also orders the commits. Rows that `body` (or an outsider before it) left due
    /// are computed before COMMIT, so a reader never sees an input without its effect. No `await` inside: nothing interleaves.
    @discardableResult
    package func write<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Committed<Value> {
        let time = time
        let (moment, committed) = try await engine.write { connection in
            let clock = try Counter.begin(connection, at: time.now())
            let transaction = Transaction(connection: connection, now: clock)
            let value = try body(transaction)
            try AvailabilityRepository(transaction).computeDue()
            let revision = try Counter.end(connection, at: clock)
            return (clock, Committed(value: value, revision: revision))
        }
        time.advance(to: moment)
        announce(committed.revision)
        return committed
    }

    /// Runs `body` on one snapshot of the database.
    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        let now = time.now()
        return try await engine.read { connection in try body(Transaction(connection: connection, now: now)) }
    }

    /// The revision after each commit of this process: at least the newest one, older ones may be skipped.
    package func commits() -> AsyncStream<Revision> {
        let (stream, continuation) = AsyncStream.makeStream(of: Revision.self, bufferingPolicy: .bufferingNewest(1))
        let key = listeners.withLock { listeners in
            listeners.next += 1
            listeners.continuations[listeners.next] = continuation
            return listeners.next
        }
        continuation.onTermination = { [weak self] _ in
            _ = self?.listeners.withLock { $0.continuations.removeValue(forKey: key) }
        }
        return stream
    }

    /// The newest revision that this process has committed.
    package var lastCommitted: Revision { listeners.withLock(\.lastCommitted) }

    /// A number that differs from the last one asked for where another process has committed since.
    package func outsideVersion() async throws -> Int64 {
        try await engine.outsideVersion()
    }

    private func announce(_ revision: Revision) {
        let continuations = listeners.withLock { listeners in
            listeners.lastCommitted = max(listeners.lastCommitted, revision)
            return Array(listeners.continuations.values)
        }
        for continuation in continuations { continuation.yield(revision) }
    }
}

/// A transaction in progress: its connection, and its one moment in time.
///
/// Lives only inside the closure that it is given to.
package struct Transaction {
    package let connection: any Connection
    /// The same for everything in the transaction; never earlier than that of the transaction before it.
    package let now: Timestamp

    package init(connection: any Connection, now: Timestamp) {
        self.connection = connection
        self.now = now
    }
}
