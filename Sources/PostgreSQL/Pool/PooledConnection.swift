// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Concurrency
import SQL

/// A connection that opens when it is needed, and reopens after a loss. It stays on one thread.
final class PooledConnection {
    private let database: Database
    private let metrics: DatabaseMetrics
    private var link: PostgresConnection?
    private var wasOpen = false
    private var backoff = Backoff(first: .milliseconds(50), cap: .seconds(1))
    /// Before it, nothing is tried: the last attempt failed.
    private var nextAttempt: ContinuousClock.Instant?

    init(database: Database, metrics: DatabaseMetrics) {
        self.database = database
        self.metrics = metrics
    }

    deinit {
        letGo()
    }

    func write<Value>(_ body: (any Connection) throws -> Value) throws -> Value {
        let (link, number) = try beginWriting()
        let end = link.finishWriting(number, statementTimeout: limits.statementTimeout, body)
        letGoIfBroken()
        switch end {
        case .committed(let value): return value
        case .failed(let error): throw error
        case .unanswered(let value, let transaction): return try database.inquire(transaction).result(value).get()
        }
    }

    /// Runs `body` in one snapshot. If the connection is lost, it runs once more from the beginning: a read has no
    /// effect.
    func read<Value>(_ body: (any Connection) throws -> Value) throws -> Value {
        defer { letGoIfBroken() }
        do {
            return try connected().read(statementTimeout: limits.statementTimeout, body)
        } catch let error as SQLError where error.code == .connectionLost && !database.isClosed {
            letGoIfBroken()
            return try connected().read(statementTimeout: limits.statementTimeout, body)
        }
    }

    /// Begins a transaction. A connection that was lost while it was idle is noticed here, before any work, and
    /// replaced.
    private func beginWriting() throws(SQLError) -> (link: PostgresConnection, number: UInt64) {
        let rested = link
        let begun = try connected()
        do {
            return (begun, try begun.beginWriting())
        } catch {
            letGoIfBroken()
            guard begun === rested, error.code == .connectionLost else { throw error }
        }
        let link = try connected()
        do {
            return (link, try link.beginWriting())
        } catch {
            letGoIfBroken()
            throw error
        }
    }

    private var limits: PostgreSQLConfiguration.Limits { database.configuration.limits }

    private func connected() throws(SQLError) -> PostgresConnection {
        if let link, !database.isLeft(link) { return link }
        letGo()
        if let nextAttempt { database.pause(ContinuousClock.now.duration(to: nextAttempt)) }
        guard !database.isClosed else { throw SQLError(code: .other, message: "the database was closed") }
        do {
            let opened = try database.open()
            link = opened
            metrics.connectionOpened()
            if wasOpen { metrics.reconnected() }
            wasOpen = true
            nextAttempt = nil
            backoff.reset()
            return opened
        } catch {
            var generator = SystemRandomNumberGenerator()
            nextAttempt = .now.advanced(by: backoff.next(using: &generator))
            throw error
        }
    }

    private func letGoIfBroken() {
        if let link, link.isBroken { letGo() }
    }

    private func letGo() {
        guard link != nil else { return }
        link = nil
        metrics.connectionClosed()
    }
}
