// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Concurrency
package import Domain
import Metrics
package import SQL
import Synchronization

/// The database with its promises: one revision a transaction, in commit order; availability computed in the
/// transaction that changes an input; nothing tied to a transaction leaves it.
package final class Store: Sendable {
    package let engine: any Engine
    /// The database's lineage when it was opened. A restore or a promotion beside a running server gives it another:
    /// what follows the database reads it anew with every snapshot.
    package let lineage: Lineage
    private let time: any TimeSource
    private let conflicts: ConflictPolicy
    private let newest = Mutex(Revision.none)
    private let announced = Broadcast<Revision>()
    private let part: Mutex<(part: Part, since: Timestamp)>

    /// What a committed transaction came to.
    package struct Committed<Value: Sendable>: Sendable {
        package let value: Value
        /// The database's revision with this transaction in it: its own, or the last one if it changed nothing that
        /// anybody is shown.
        package let revision: Revision
        /// The lineage that it counts in: after a restore beside a running program, not the one that was opened.
        package let lineage: Lineage
        /// Whether the transaction changed anything that is shown, and so made `revision`.
        package let isNew: Bool

        package var tag: RevisionTag { RevisionTag(lineage: lineage, revision: revision) }
    }

    /// Opens a database whose schema is this version's. See `Migrator` for making or upgrading one.
    package init(
        engine: any Engine, time: any TimeSource, conflicts: ConflictPolicy = ConflictPolicy()
    ) async throws {
        self.engine = engine
        self.time = time
        self.conflicts = conflicts
        part = Mutex((.alone, time.now()))
        lineage = try await engine.read { connection in
            try Migrator.requireCurrentSchema(connection)
            return try Meta.lineage(connection)
        }
    }

    package var now: Timestamp { time.now() }

    package var clock: ClockReading { time.read() }

    /// When the database was last written: time never goes back behind it. And what its own clock says, if it has one.
    package static func clocks(_ connection: any Connection) throws -> (lastCommit: Timestamp, database: Timestamp?) {
        try RevisionRow.clocks(connection)
    }

    /// Ends all connections.
    package func close() throws {
        try engine.close()
    }

    /// Runs `body` in one transaction and returns when it is durable.
    ///
    /// The revision row is taken first, which also orders the commits. Rows that `body` (or an outsider before it) left
    /// due are computed before COMMIT, so a reader never sees an input without its effect. No `await` inside: nothing
    /// interleaves. A transaction that the database gave up for another's sake is run again from fresh state, so `body`
    /// may run more than once; it has no effect but on the database.
    ///
    /// - Parameter writer: the connection to write on; the engine's own if nil.
    @discardableResult
    package func write<Value: Sendable>(
        via writer: (any Writer)? = nil, _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Committed<Value> {
        let time = time
        let committed = try await conflicts.retrying {
            try await (writer ?? self.engine).write { connection in
                let clock = try RevisionRow.begin(connection, time)
                let transaction = Transaction(connection: connection, clock: clock)
                try ClockStepRepository(transaction).follow(in: self.leadership.part.term)
                let value = try body(transaction)
                try AvailabilityRepository(transaction).computeDue()
                let (tag, isNew) = try RevisionRow.end(connection, at: clock.moment)
                return Committed(value: value, revision: tag.revision, lineage: tag.lineage, isNew: isNew)
            }
        }
        announce(committed.revision)
        return committed
    }

    /// Runs `body` on one snapshot of the database.
    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        let clock = time.read()
        return try await engine.read { connection in try body(Transaction(connection: connection, clock: clock)) }
    }

    /// The revision after each commit of this process: at least the newest one, older ones may be skipped.
    package func commits() -> AsyncStream<Revision> {
        announced.stream()
    }

    /// The newest revision that this process has committed.
    package var lastCommitted: Revision { newest.withLock { $0 } }

    /// A number that differs from the last one if a transaction was committed since: see `Engine.outsideVersion`.
    package func outsideVersion() async throws -> Int64 {
        try await engine.outsideVersion()
    }

    /// Revisions that any process announces with its commits: a hint to look at once. Finished if the engine has
    /// none.
    package func announcements() -> AsyncStream<Int64> {
        engine.announcements()
    }

    /// Gives the database a lineage of its own if it was promoted, or a copy has taken its place, since it was last
    /// served, or if it has gone back behind `seen`: numbers that were given out in a lost past must not be taken
    /// for this one's.
    ///
    /// The past is asked and compared in the transaction that writes, so on the same server. A server calls it before
    /// it leads, and if it finds such a change while it runs.
    package func adoptTimeline(
        via writer: (any Writer)? = nil, seen: RevisionTag? = nil, newLineage: Lineage
    ) async throws {
        let committed = try await write(via: writer) { transaction in
            let past = try TimelineIdentity(transaction.connection)
            if let found = past.found, found != past.noted {
                try Meta.set(TimelineIdentity.key, found, transaction.connection)
            }
            guard past.isForeign || seen.map(past.isBehind) ?? false else { return false }
            try Meta.set("lineage", newLineage.rawValue, transaction.connection)
            return true
        }
        // A reader must not wait for a revision of the lost past.
        if committed.value { newest.withLock { $0 = committed.revision } }
    }

    /// The part that this process takes, and since when.
    package var leadership: (part: Part, since: Timestamp) { part.withLock { ($0.part, $0.since) } }

    /// Changes the part. `Leadership` alone calls it in a server; a command stays alone.
    package func take(_ next: Part) {
        let now = time.now()
        part.withLock { $0 = (next, now) }
    }

    /// Stands by if it is not decided yet that this process leads.
    package func standByUnlessLeading() {
        let now = time.now()
        part.withLock { if case .undecided = $0.part { $0 = (.standingBy, now) } }
    }

    /// Begins a term of this process; `name` is the term's own.
    package func beginTerm(named name: String) {
        take(.leading(Term(name: name, since: time.read())))
    }

    /// Whether changes by time are left to another process.
    package var leavesTimeToAnother: Bool {
        switch leadership.part {
        case .alone, .leading: false
        case .undecided, .standingBy: true
        }
    }

    private func announce(_ revision: Revision) {
        newest.withLock { $0 = max($0, revision) }
        announced.send(revision)
    }
}

/// A transaction in progress: its connection, and its one moment in time.
///
/// Lives only inside the closure that it is given to.
package struct Transaction {
    package let connection: any Connection
    /// The same for everything in the transaction; never earlier than that of the transaction before it.
    package let clock: ClockReading

    package var now: Timestamp { clock.moment }
}
