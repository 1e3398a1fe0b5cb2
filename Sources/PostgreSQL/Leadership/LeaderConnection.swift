// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import CLibPQ
import Concurrency
import Foundation
import Logging
import SQL
import Synchronization

/// The leader's connection on its thread. It is first a candidate that asks for the lock, then the leader, and then
/// over for good.
///
/// A leading connection is never reopened, because the lock ends with the connection.
final class LeaderConnection: Sendable {
    /// The key of the advisory lock, "consulte" in ASCII: each database has one leader.
    static let lockKey: Int64 = 0x636F_6E73_756C_7465
    /// How often a candidate asks, before random variation.
    private static let retryDelay = Duration.milliseconds(300)
    /// How often an idle leader sends a query: well within the silence after which the server ends its connection.
    private static let heartbeat = Duration.seconds(1)

    private let database: Database
    private let metrics = DatabaseMetrics(role: .leader)
    private let wake = Wake()
    private let watchers = Broadcast<Void>()
    private let state = Mutex(State())

    private struct State {
        var phase = Phase.candidate
        var isAskedToEnd = false
        var jobs: [Job] = []
        var lastHeard = ContinuousClock.now
        var nextLook = ContinuousClock.now
    }

    private enum Phase {
        case candidate
        case leading
        case over
    }

    struct Job: Sendable {
        /// Returns a function that resumes the waiting caller.
        let run: @Sendable (PostgresConnection) -> Told
        let refuse: @Sendable (SQLError) -> Void
    }

    /// How a job ended: the caller is told at once, or after an inquiry over another connection.
    enum Told {
        case now(@Sendable () -> Void)
        case afterInquiry(UnansweredCommit, @Sendable (CommitInquiry.Verdict) -> Void)
    }

    init(database: Database) {
        self.database = database
    }

    /// Starts the thread. It calls `onStandingBy` each time it finds the lock held by another process. It calls
    /// `elected` once: with true if it leads, with false if it ended before. It calls `ended` last.
    func run(
        onStandingBy: @escaping @Sendable () -> Void, elected: @escaping @Sendable (Bool) -> Void,
        ended: @escaping @Sendable () -> Void
    ) {
        database.startThread(named: "postgres-leader") { [self] in
            defer { ended() }
            guard let link = candidacy(onStandingBy) else {
                end()
                elected(false)
                return
            }
            elected(true)
            lead(over: link)
        }
    }

    /// Releases the lock, if it is held, and ends the connection.
    func stop() {
        state.withLock { $0.isAskedToEnd = true }
        wake.signal()
    }

    func submit(_ job: Job) {
        let limit = database.configuration.limits.queueLimit
        let refusal = state.withLock { state -> SQLError? in
            guard state.phase == .leading, !state.isAskedToEnd else { return Self.notLeader }
            guard state.jobs.count < limit else {
                return SQLError(code: .busy, message: "\(limit) transactions wait for the leader's connection")
            }
            state.jobs.append(job)
            return nil
        }
        guard let refusal else { return wake.signal() }
        job.refuse(refusal)
    }

    /// When the newest answered request was sent; nil if the term is over.
    var lastHeard: ContinuousClock.Instant? {
        state.withLock { $0.phase == .leading && !$0.isAskedToEnd ? $0.lastHeard : nil }
    }

    /// Returns a stream that finishes when the term is over.
    func watch() -> AsyncStream<Void> { watchers.stream() }

    static let notLeader = SQLError(code: .notLeader, message: "this process no longer leads")

    // MARK: On the thread

    private var isAskedToEnd: Bool { state.withLock(\.isAskedToEnd) || database.isClosed }

    private func candidacy(_ onStandingBy: () -> Void) -> PostgresConnection? {
        var backoff = Backoff(first: .milliseconds(50), cap: .seconds(1))
        var generator = SystemRandomNumberGenerator()
        var link: PostgresConnection?
        while !isAskedToEnd {
            var pause = Self.retryDelay * Double.random(in: 0.8...1.2, using: &generator)
            do {
                if let former = link, database.isLeft(former) { link = nil }
                let open = try link ?? database.open(database.configuration.leaderSettings)
                link = open
                try endWhoFellSilent(over: open)
                if try holdsLock(open) {
                    if try isWhereTheAddressLeads(open) {
                        state.withLock { state in
                            state.phase = .leading
                            state.lastHeard = open.lastHeard
                        }
                        return open
                    }
                    link = nil
                } else {
                    onStandingBy()
                }
                backoff.reset()
            } catch {
                link = nil
                pause = backoff.next(using: &generator)
                database.logger.debug("Can't ask for leadership", metadata: ["error": "\(error)"])
            }
            _ = wake.wait(until: .now.advanced(by: pause))
        }
        return nil
    }

    /// Whether a new connection finds the same history. A server that the address no longer names would give its lock
    /// to any candidate.
    private func isWhereTheAddressLeads(_ link: PostgresConnection) throws(SQLError) -> Bool {
        do {
            _ = try database.open()
        } catch  where error.code == .busy {
            // The server has no connection left, so it exists, and some instance must lead.
            return true
        }
        return !database.isLeft(link)
    }

    /// Ends sessions of this program that stopped in the middle of a request. If their process was paused or cut off
    /// then, they count as active: no time-out of the server ends them, and they keep the lock or the revision row.
    /// Every leader and candidate checks about once a second.
    private func endWhoFellSilent(over link: PostgresConnection) throws(SQLError) {
        guard ContinuousClock.now >= state.withLock(\.nextLook) else { return }
        state.withLock { $0.nextLook = .now.advanced(by: Self.heartbeat) }
        let silence = database.configuration.limits.leaderSilence.milliseconds
        let ended: Int64 = try link.row(
            """
            SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
            WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()
                AND starts_with(application_name, '\(PostgreSQLConfiguration.program)') AND state = 'active'
                AND wait_event = 'ClientRead'
                AND state_change < clock_timestamp() - interval '\(silence) milliseconds'
            """
        ).get(0)
        guard ended > 0 else { return }
        database.logger.warning(
            "Ended database sessions that stopped in the middle of a request", metadata: ["count": "\(ended)"])
    }

    private func holdsLock(_ link: PostgresConnection) throws(SQLError) -> Bool {
        try link.row("SELECT pg_try_advisory_lock(\(Self.lockKey))").get(0)
    }

    private func lead(over link: PostgresConnection) {
        metrics.connectionOpened()
        defer { metrics.connectionClosed() }
        while !link.isBroken, !isAskedToEnd, !database.isLeft(link) {
            if let job = state.withLock({ $0.jobs.isEmpty ? nil : $0.jobs.removeFirst() }) {
                settle(job.run(link), over: link)
            } else {
                rest(link)
            }
            state.withLock { $0.lastHeard = link.lastHeard }
            // If the check fails, the connection is broken, or the next job finds out.
            if !link.isBroken { try? endWhoFellSilent(over: link) }
        }
        // Without this, the server releases the lock when the session ends.
        if !link.isBroken { _ = try? link.simple("SELECT pg_advisory_unlock(\(Self.lockKey))") }
        end()
    }

    private func settle(_ told: Told, over link: PostgresConnection) {
        switch told {
        case .now(let tell):
            // The term ends before the caller learns that the connection is lost.
            if link.isBroken { end() }
            tell()
        case .afterInquiry(let transaction, let tell):
            end()
            tell(database.inquire(transaction))
        }
    }

    /// Waits for a job or for the end of the connection, and sends a query if one is due.
    private func rest(_ link: PostgresConnection) {
        do throws(SQLError) {
            let due = link.lastHeard.advanced(by: Self.heartbeat)
            if wake.wait(for: link.descriptor, until: due) { _ = try link.heard() }
            if ContinuousClock.now >= due { try link.simple("SELECT 1", within: .seconds(3)) }
        } catch {
            link.giveUp()
            database.logger.warning("The leader's connection was lost", metadata: ["error": "\(error)"])
        }
    }

    private func end() {
        let jobs = state.withLock { state in
            state.phase = .over
            defer { state.jobs = [] }
            return state.jobs
        }
        for job in jobs { job.refuse(Self.notLeader) }
        watchers.finish()
    }
}
