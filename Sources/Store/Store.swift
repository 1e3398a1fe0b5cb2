// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
import Metrics
package import SQL
import Synchronization

/// The database with its promises: one revision a transaction, in commit order; availability computed in the transaction
/// that changes an input; nothing tied to a transaction leaves it.
package final class Store: Sendable {
    package let engine: any Engine
    /// The database's lineage when it was opened. A restore or a promotion beside a running server gives it another: what
    /// follows the database reads it anew with every snapshot.
    package let lineage: Lineage
    private let time: any TimeSource
    private let conflicts: ConflictPolicy
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
        /// Whether the transaction changed anything that is shown, and so made `revision`.
        package let isNew: Bool
    }

    /// Opens a database whose schema is this version's. See `Migrator` for making or upgrading one.
    package init(
        engine: any Engine, time: any TimeSource, conflicts: ConflictPolicy = ConflictPolicy()
    ) async throws {
        self.engine = engine
        self.time = time
        self.conflicts = conflicts
        lineage = try await engine.read { connection in
            try Migrator.requireCurrentSchema(connection)
            return try Meta.lineage(connection)
        }
    }

    package var now: Timestamp { time.now() }

    /// When the database was last written: time never goes back behind it.
    package static func lastCommit(_ connection: any Connection) throws -> Timestamp {
        try RevisionRow.lastCommit(connection)
    }

    /// Ends all connections.
    package func close() throws {
        try engine.close()
    }

    /// Runs `body` in one transaction and returns when it is durable.
    ///
    /// The revision row is taken first, which also orders the commits. Rows that `body` (or an outsider before it) left due
    /// are computed before COMMIT, so a reader never sees an input without its effect. No `await` inside: nothing interleaves.
    /// A transaction that the database gave up for another's sake is run again from fresh state, so `body` may run more than
    /// once; it has no effect but on the database.
    ///
    /// - Parameter writer: whose connection to write on, where it must be a certain one; the engine's own otherwise.
    @discardableResult
    package func write<Value: Sendable>(
        via writer: (any Writer)? = nil, _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Committed<Value> {
        let time = time
        let (moment, committed) = try await conflicts.retrying {
            try await (writer ?? self.engine).write { connection in
                let clock = try RevisionRow.begin(connection, at: time.now())
                let transaction = Transaction(connection: connection, now: clock)
                let value = try body(transaction)
                try AvailabilityRepository(transaction).computeDue()
                let (revision, isNew) = try RevisionRow.end(connection, at: clock)
                return (clock, Committed(value: value, revision: revision, isNew: isNew))
            }
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

    /// Revisions that any process announces with its commits: a hint to look at once. Finished where the engine has none.
    package func announcements() -> AsyncStream<Int64> {
        engine.announcements()
    }

    /// Gives the database a lineage of its own where it has been promoted since it was last served: numbers that a lost
    /// primary gave out must not be taken for this one's. Called by whoever is about to lead.
    package func adoptTimeline(via writer: (any Writer)? = nil, newLineage: Lineage) async throws {
        let timeline = try await engine.timeline()
        try await write(via: writer) { transaction in
            let known = try Meta.value("timeline", transaction.connection)
            guard known != timeline else { return }
            try Meta.set("timeline", timeline, transaction.connection)
            if known != nil { try Meta.set("lineage", newLineage.rawValue, transaction.connection) }
        }
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
