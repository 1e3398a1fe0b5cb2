// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Logging
import SQL
import Synchronization

/// Checks once a second whether a session of another program keeps the server from writing. The watch names such a
/// session after some seconds, and ends it after a configured time.
///
/// Every server checks, so that its readiness can name the session; only the leader logs and ends it. The checks use
/// the reading connections, which wait for no row.
package final class BlockingWatch: Sendable {
    private let engine: PostgreSQLEngine
    private let isLeader: @Sendable () -> Bool
    private let logger: Logger
    private let ledger: Mutex<BlockingLedger>
    private let interval: Duration

    /// - Parameters:
    ///   - limit: how long a session may block before it is ended; nil never ends it.
    ///   - reportAfter: how long a session may block before it is named.
    package init(
        engine: PostgreSQLEngine, limit: Duration?, reportAfter: Duration = .seconds(5),
        isLeader: @escaping @Sendable () -> Bool, logger: Logger
    ) {
        self.engine = engine
        self.isLeader = isLeader
        self.logger = logger
        var limits = BlockingLedger.Limits()
        limits.reportAfter = reportAfter
        limits.end = limit
        ledger = Mutex(BlockingLedger(limits: limits))
        interval = min(.seconds(1), reportAfter / 2)
    }

    /// Runs until cancelled.
    package func run() async {
        while !Task.isCancelled {
            await look()
            try? await Task.sleep(for: interval)
        }
    }

    /// The blocking sessions as readiness reports them to any client, without hosts or programs. Nil if there are none.
    package var words: String? {
        let named = ledger.withLock { $0.named(at: .now) }
        guard !named.isEmpty else { return nil }
        let list = named.map { session, time in
            "process \(session.pid) of user \(session.user), \(session.since.map { "since \($0)" } ?? "for \(time.components.seconds) s")"
        }
        return "a database session of another program keeps it from writing: \(list.joined(separator: "; "))"
    }

    /// Ignores a database that can't be asked: other parts report that.
    private func look() async {
        guard let found = try? await engine.read({ try BlockingSession.all($0) }) else { return }
        let actions = ledger.withLock { $0.note(found, at: .now) }
        guard isLeader() else { return }
        for action in actions {
            switch action {
            case .say(let session, let time):
                logger.error(
                    "A database session of another program keeps this server from writing",
                    metadata: metadata(session, time))
            case .sayGone(let session):
                logger.notice(
                    "The database session that kept this server from writing is gone",
                    metadata: ["process": "\(session.pid)", "user": "\(session.user)"])
            case .end(let session, let time): await end(session, time)
            }
        }
    }

    private func end(_ session: BlockingSession, _ time: Duration) async {
        do {
            let isEnded = try await engine.read { try BlockingSession.end(session.pid, $0) }
            guard isEnded else { return }
            logger.error(
                "Ended a database session of another program that kept this server from writing; its transaction is undone",
                metadata: metadata(session, time))
        } catch {
            var metadata = metadata(session, time)
            metadata["error"] = "\(error)"
            metadata["remedy"] =
                "end it as a superuser: SELECT pg_terminate_backend(\(session.pid)); GRANT pg_signal_backend TO the server's role lets the server do so"
            logger.error(
                "A database session that keeps this server from writing could not be ended", metadata: metadata)
        }
    }

    private func metadata(_ session: BlockingSession, _ time: Duration) -> Logger.Metadata {
        [
            "process": "\(session.pid)", "user": "\(session.user)", "application": "\(session.application)",
            "address": "\(session.address ?? "-")", "since": "\(session.since ?? "-")",
            "seconds": "\(time.components.seconds)",
        ]
    }
}
