// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Concurrency
import Foundation
import Logging
import SQL
import Synchronization

/// One connection that receives other processes' notifications of their commits. It reconnects until it is stopped.
///
/// A notification is only a hint: its reader queries the database itself.
final class Listener: Sendable {
    /// The channel that announces commits. The payload is the revision in decimal digits.
    static let channel = "consultease"
    /// A new version is returned at least this often, even without a notification.
    static let slowPoll = Duration.seconds(2)

    private let database: Database
    private let metrics = DatabaseMetrics(role: .listener)
    private let wake = Wake()
    private let heard = Broadcast<Int64>()
    private let state = Mutex(State())

    private struct State {
        var isStarted = false
        var isListening = false
        var isStopped = false
        var version: Int64 = 0
        var lastChange = ContinuousClock.now

        mutating func change() {
            version += 1
            lastChange = .now
        }
    }

    init(database: Database) {
        self.database = database
    }

    /// Returns a number that changes if a notification arrived, a connection was made, 2 s have passed, or the listener
    /// is not connected.
    func version() -> Int64 {
        start()
        return state.withLock { state in
            if !state.isListening || ContinuousClock.now - state.lastChange >= Self.slowPoll { state.change() }
            return state.version
        }
    }

    /// Yields the announced revisions, buffering only the newest; 0 after each time that a notification may have been
    /// missed.
    func announcements() -> AsyncStream<Int64> {
        start()
        return heard.stream()
    }

    func stop() {
        state.withLock { $0.isStopped = true }
        wake.signal()
        heard.finish()
    }

    private func start() {
        let starts = state.withLock { state in
            guard !state.isStarted, !state.isStopped else { return false }
            state.isStarted = true
            return true
        }
        if starts { database.startThread(named: "postgres-listener") { [self] in listen() } }
    }

    private var isStopped: Bool { state.withLock(\.isStopped) }

    private func listen() {
        var backoff = Backoff(first: .milliseconds(50), cap: .seconds(1))
        var generator = SystemRandomNumberGenerator()
        var isFirst = true
        while !isStopped {
            do throws(SQLError) {
                let link = try database.open()
                try link.simple("LISTEN \(Self.channel)")
                backoff.reset()
                if !isFirst { metrics.reconnected() }
                isFirst = false
                metrics.connectionOpened()
                defer { metrics.connectionClosed() }
                // Notifications before this connection were not received.
                tell(0)
                while !isStopped, !database.isLeft(link) { try hear(over: link) }
            } catch {
                state.withLock { state in
                    state.isListening = false
                    state.change()
                }
                guard !isStopped else { return }
                database.logger.warning(
                    "The connection that listens was lost: changes from other processes are looked for instead",
                    metadata: ["error": "\(error)"])
                _ = wake.wait(until: .now.advanced(by: backoff.next(using: &generator)))
            }
        }
    }

    private func hear(over link: PostgresConnection) throws(SQLError) {
        guard wake.wait(for: link.descriptor, until: .now.advanced(by: Self.slowPoll)) else { return }
        for payload in try link.heard() { tell(Int64(payload) ?? 0) }
    }

    private func tell(_ revision: Int64) {
        state.withLock { state in
            state.isListening = true
            state.change()
        }
        heard.send(revision)
    }
}
