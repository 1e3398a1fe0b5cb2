// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Where writing transactions go.
package protocol Writer: Sendable {
    /// Runs `body` in a writing transaction on a connection's own thread and returns after the commit is durable.
    ///
    /// Cancelling the calling task does not cut the transaction in half: it is committed or rolled back whole. An error
    /// thrown by `body` rolls it back.
    func write<Value: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> Value) async throws -> Value
}

/// A database: one ordered stream of writing transactions, and readers that each see one snapshot.
package protocol Engine: Writer {
    /// Runs `body` in a reading transaction that sees one snapshot.
    func read<Value: Sendable>(_ body: @escaping @Sendable (any Connection) throws -> Value) async throws -> Value

    /// A number that changes when this process or another one may have committed (`PRAGMA data_version` on SQLite).
    /// Asked at every tick, and never kept waiting by a writer; while the engine can't know, every answer is a new
    /// number.
    func outsideVersion() async throws -> Int64

    /// The revisions that any process announces with its commits: a hint to look at once. The stream keeps only the
    /// newest. Finished from the start if the engine has no such means.
    func announcements() -> AsyncStream<Int64>

    /// Waits until no other process is leader, then is it, until the returned term ends. Throws `CancellationError`
    /// alone. `onStandingBy` is called, perhaps often, when the database has said that another process leads.
    func lead(onStandingBy: @escaping @Sendable () -> Void) async throws -> any LeaderTerm

    /// Ends all connections. Using the engine afterwards fails.
    func close() throws
}

extension Engine {
    /// Waits for leadership without hearing whether another process has it.
    package func lead() async throws -> any LeaderTerm { try await lead(onStandingBy: {}) }
}

/// The time during which one process alone ingests and delivers.
///
/// Its writer's connection is the one that holds the lock: losing one loses both, so nothing can be written after the
/// end.
package protocol LeaderTerm: Writer {
    /// Throws `SQLError.Code.notLeader` unless the lock is still held: asked of the database itself, or heard from it
    /// within the last second.
    func requireHeld() async throws

    /// Returns when the term has ended, whatever the reason: the connection was lost, or `resign()` was called; or when
    /// the task is cancelled. Awaited by one task.
    func ended() async

    /// Gives leadership back. Nothing is written by this term afterwards.
    func resign() async
}
