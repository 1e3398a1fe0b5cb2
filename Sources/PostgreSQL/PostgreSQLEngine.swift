// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Dispatch
package import Logging
package import SQL
import Synchronization

/// Implements `Engine` on PostgreSQL with libpq's blocking calls, each connection on its own thread.
///
/// A few connections write, a few read, one listens, and one leads if `lead()` was called; each opens when first needed
/// and reopens after a loss. If the answer to a COMMIT is lost, the engine looks up the outcome before `write` returns
/// or throws.
package final class PostgreSQLEngine: Engine {
    private let database: Database
    private let writers: Pool
    private let readers: Pool
    private let listener: Listener
    private let leaders = Mutex<[ObjectIdentifier: LeaderConnection]>([:])

    /// Opens no connection; the first transaction does.
    package init(configuration: PostgreSQLConfiguration, logger: Logger) {
        database = Database(configuration: configuration, logger: logger)
        writers = Pool(database: database, role: .writer, connections: max(1, configuration.limits.writers))
        readers = Pool(database: database, role: .reader, connections: max(1, configuration.limits.readers))
        listener = Listener(database: database)
    }

    /// Opens a connection before it returns, or throws `SQLError.Code.cannotOpen` or `.busy` with the server's reason.
    package static func open(
        configuration: PostgreSQLConfiguration, logger: Logger
    ) async throws -> PostgreSQLEngine {
        let engine = PostgreSQLEngine(configuration: configuration, logger: logger)
        do {
            _ = try await engine.read { try $0.query("SELECT 1") }
            return engine
        } catch {
            engine.end()
            throw error
        }
    }

    deinit {
        end()
    }

    package func write<Value: Sendable>(
        _ body: @escaping @Sendable (any Connection) throws -> Value
    ) async throws -> Value {
        try await writers.perform { try $0.write(body) }
    }

    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (any Connection) throws -> Value
    ) async throws -> Value {
        try await readers.perform { try $0.read(body) }
    }

    package func outsideVersion() async throws -> Int64 {
        listener.version()
    }

    /// The first call opens the listening connection. A 0 means that a notification may have been missed, so the reader
    /// must query.
    package func announcements() -> AsyncStream<Int64> {
        listener.announcements()
    }

    package func lead(onStandingBy: @escaping @Sendable () -> Void) async throws -> any LeaderTerm {
        try Task.checkCancellation()
        let leader = LeaderConnection(database: database)
        leaders.withLock { $0[ObjectIdentifier(leader)] = leader }
        let isElected = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                leader.run(
                    onStandingBy: onStandingBy,
                    elected: { continuation.resume(returning: $0) },
                    ended: { [weak self] in self?.forget(leader) })
            }
        } onCancel: {
            leader.stop()
        }
        guard isElected else { throw CancellationError() }
        return PostgreSQLTerm(leader: leader, statementTimeout: database.configuration.limits.statementTimeout)
    }

    /// Ends all connections, and waits up to 2 s for them; a longer transaction ends by itself.
    package func close() throws {
        end()
        database.awaitThreads(.seconds(2))
    }

    private func forget(_ leader: LeaderConnection) {
        _ = leaders.withLock { $0.removeValue(forKey: ObjectIdentifier(leader)) }
    }

    private func end() {
        guard database.close() else { return }
        listener.stop()
        for leader in leaders.withLock({ Array($0.values) }) { leader.stop() }
        writers.close()
        readers.close()
    }
}
