// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import CLibPQ
import Concurrency
import Foundation
import Logging
import SQL
import Synchronization

/// The leader's connection on its thread: first a candidate that asks for the lock, then the leader, then over for
/// good.
///
/// It is never reopened once it leads: the lock goes with the connection.
final class LeaderConnection: Sendable {
    /// The key of the advisory lock, "consulte" in ASCII: one leader a database.
    static let lockKey: Int64 = 0x636F_6E73_756C_7465
    /// How often a candidate asks, but for chance.
    private static let retryDelay = Duration.milliseconds(300)
    /// How often a resting leader speaks: well within the silence after which the server ends its connection.
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

    /// How a job ended: at once, or to be told after the server was asked over another connection.
    enum Told {
        case now(@Sendable () -> Void)
        case afterInquiry(UnansweredCommit, @Sendable (CommitInquiry.Verdict) -> Void)
    }

    init(database: Database) {
        self.database = database
    }

    /// Starts the thread. `onStandingBy` is called each time that another holds the lock. `elected` is called once:
    /// with true as leader, with false if the end came first. `ended` is called last.
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

    /// Gives the lock back, if it is held, and ends the connection.
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

    /// When the newest word of the server was asked for; nil if the term is over.
    var lastHeard: ContinuousClock.Instant? {
        state.withLock { $0.phase == .leading && !$0.isAskedToEnd ? $0.lastHeard : nil }
    }

    /// Finishes when the term is over.
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

    /// Whether a new connection finds the same past: a server that the address has left gives its lock to anybody.
    private func isWhereTheAddressLeads(_ link: PostgresConnection) throws(SQLError) -> Bool {
        do {
            _ = try database.open()
        } catch  where error.code == .busy {
            // The server has no connection left, so it is there, and some instance must lead.
            return true
        }
        return !database.isLeft(link)
    }

    /// Ends sessions of ours that stopped in the middle of a request: cut off or paused just then, they count as
    /// active, so that no time-out of the server's ends them, and hold on to the lock or to the revision row. Looked
    /// for about once a second by every process that leads or would.
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
            // If it can't be asked, the connection is broken, or the next job finds out.
            if !link.isBroken { try? endWhoFellSilent(over: link) }
        }
        // The server lets go of the lock with the session, if this doesn't.
        if !link.isBroken { _ = try? link.simple("SELECT pg_advisory_unlock(\(Self.lockKey))") }
        end()
    }

    private func settle(_ told: Told, over link: PostgresConnection) {
        switch told {
        case .now(let tell):
            // A caller that hears of the lost connection finds the term over.
            if link.isBroken { end() }
            tell()
        case .afterInquiry(let transaction, let tell):
            end()
            tell(database.inquire(transaction))
        }
    }

    /// Waits for something to do, or hears that the connection has ended; speaks if it is time.
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
