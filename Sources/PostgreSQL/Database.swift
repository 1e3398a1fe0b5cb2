// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Concurrency
import Foundation
import Logging
import SQL
import Synchronization

/// The state that the threads of one engine share.
final class Database: Sendable {
    let configuration: PostgreSQLConfiguration
    let logger: Logger
    private let threads = DispatchGroup()
    private let hasClosed = Atomic(false)
    private let wasOpen = Atomic(false)
    private let hasWarned = Atomic(false)
    /// The history that the newest connection found: where the address leads now.
    private let present = Mutex<ServerPast?>(nil)

    init(configuration: PostgreSQLConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    /// Whether the engine is closed: nothing is opened any more, and waits are given up.
    var isClosed: Bool { hasClosed.load(ordering: .acquiring) }

    /// Closes the engine. Returns whether it was open until now.
    func close() -> Bool {
        !hasClosed.exchange(true, ordering: .acquiringAndReleasing)
    }

    /// Runs `body`, which may block, on a new thread.
    func startThread(named name: String, _ body: @escaping @Sendable () -> Void) {
        threads.enter()
        let thread = Thread { [threads] in
            body()
            threads.leave()
        }
        thread.name = name
        thread.start()
    }

    /// Blocks until all threads have ended, or `limit` has passed.
    func awaitThreads(_ limit: DispatchTimeInterval) {
        _ = threads.wait(timeout: .now() + limit)
    }

    /// Opens a connection. Until one has succeeded, an unreachable server is `cannotOpen`, which an operator must
    /// correct; later it counts as a lost connection.
    func open(_ settings: [(name: String, value: String)] = []) throws(SQLError) -> PostgresConnection {
        do {
            let link = try PostgresConnection.open(configuration, settings: settings, logger: logger)
            wasOpen.store(true, ordering: .releasing)
            note(link.past)
            if let durability = link.durability { warn(of: durability) }
            return link
        } catch {
            let isFirst = error.code == .connectionLost && !wasOpen.load(ordering: .acquiring)
            throw SQLError(code: isFirst ? .cannotOpen : error.code, message: "\(configuration): \(error.message)")
        }
    }

    /// Whether the address now leads to another server or timeline than `link`. Data read over `link` is then outdated
    /// without any error, and data written over it is lost.
    func isLeft(_ link: PostgresConnection) -> Bool {
        present.withLock { $0.map(link.past.isOver(in:)) ?? false }
    }

    private func note(_ past: ServerPast) {
        let former = present.withLock { present in
            defer { present = past }
            return present
        }
        guard let former, former.isOver(in: past) else { return }
        logger.warning(
            "The database's address leads to another server, or to another timeline: older connections are given up",
            metadata: ["found": "\(past)", "former": "\(former)"])
    }

    private func warn(of durability: Durability) {
        guard durability.isWeak, !hasWarned.exchange(true, ordering: .relaxed) else { return }
        logger.warning(
            "The database server may lose what it has committed",
            metadata: [
                "fsync": "\(durability.fsync)", "synchronous_commit": "\(durability.synchronousCommit)",
                "remedy":
                    "set both to on on the server; this process keeps synchronous_commit on for its own connections",
            ])
    }

    /// Asks the server over new connections how a transaction ended whose COMMIT got no answer, until the server
    /// answers or the time for asking is over. Blocks.
    ///
    /// The inquiry terminates nothing: if the old connection still runs its COMMIT, it waits for the end.
    func inquire(_ transaction: UnansweredCommit) -> CommitInquiry.Verdict {
        let deadline = Deadline.now.advanced(by: configuration.limits.inquiryTimeout)
        var backoff = Backoff(first: .milliseconds(50), cap: .milliseconds(500))
        var generator = SystemRandomNumberGenerator()
        var verdict = CommitInquiry.Verdict.undecided
        var link: PostgresConnection?
        while verdict == .undecided, !isClosed, ContinuousClock.now < deadline {
            do {
                let asked = try link ?? open()
                link = asked
                verdict = try CommitInquiry.ask(transaction, over: asked)
            } catch {
                link = nil
                logger.debug("Can't ask yet what became of a transaction", metadata: ["error": "\(error)"])
            }
            if verdict == .undecided { pause(backoff.next(using: &generator)) }
        }
        let outcome =
            switch verdict {
            case .committed: "committed"
            case .aborted: "aborted"
            case .undecided, .unknowable: "unresolved"
            }
        DatabaseMetrics.countUnknownCommit(outcome)
        logger.warning("The answer to a COMMIT was lost", metadata: ["outcome": "\(outcome)"])
        return verdict
    }

    /// Blocks this thread for `duration`, in short steps so that closing isn't delayed.
    func pause(_ duration: Duration) {
        let end = Deadline.now.advanced(by: duration)
        while !isClosed, ContinuousClock.now < end {
            Thread.sleep(forTimeInterval: 0.01)
        }
    }
}

extension CommitInquiry.Verdict {
    /// Returns what a caller is told about its transaction, which computed `value`.
    func result<Value>(_ value: Value) -> Result<Value, any Error> {
        switch self {
        case .committed: .success(value)
        case .aborted:
            .failure(SQLError(code: .connectionLost, message: "the connection ended at COMMIT: nothing is written"))
        case .undecided, .unknowable:
            .failure(
                SQLError(
                    code: .unknownOutcome,
                    message: "the connection ended at COMMIT, and the database could not be asked whether it happened"))
        }
    }
}
