// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import CLibPQ
import SQL

/// How a writing transaction ended, as far as its connection can tell.
enum TransactionEnd<Value> {
    case committed(Value)
    /// The transaction wrote nothing.
    case failed(any Error)
    /// The connection ended after COMMIT was sent and before its answer: the server must be asked over another one.
    case unanswered(Value, transaction: UnansweredCommit)
}

/// Names a transaction whose COMMIT got no answer.
struct UnansweredCommit: Sendable, Hashable {
    /// The transaction's number, an `xid8`.
    let number: UInt64
    let past: ServerPast
}

extension PostgresConnection {
    /// Begins a writing transaction and returns its number. If it throws, no transaction is open. The transaction has
    /// no data yet, so an error is the database's fault, and transient.
    ///
    /// READ COMMITTED suffices: the Store first locks the revision's row, which orders the transactions, and each later
    /// statement sees everything committed before it.
    func beginWriting() throws(SQLError) -> UInt64 {
        do throws(SQLError) {
            let row = try row("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SELECT pg_current_xact_id()::text")
            guard let number = UInt64(try row.get(0, as: String.self)) else {
                throw SQLError(code: .other, message: "the server gave the transaction no number")
            }
            return number
        } catch {
            rollBack()
            throw error.isTransient ? error : error.with(code: .cannotOpen)
        }
    }

    /// Runs `body` in the writing transaction `number`, which has begun, and ends it.
    func finishWriting<Value>(
        _ number: UInt64, statementTimeout: Duration, _ body: (any Connection) throws -> Value
    ) -> TransactionEnd<Value> {
        let connection = PostgresTransaction(link: self, statementTimeout: statementTimeout)
        let value: Value
        do {
            value = try body(connection)
            try connection.requireCommittable()
        } catch {
            rollBack()
            return .failed(error is SQLError ? connection.firstFailure ?? error : error)
        }
        do {
            let answer = try commit(within: connection.limit)
            guard answer.command == "COMMIT" else {
                return .failed(SQLError(code: .other, message: "the server answered COMMIT with \(answer.command)"))
            }
            return .committed(value)
        } catch {
            guard isBroken else {
                rollBack()
                return .failed(error)
            }
            giveUp()
            return .unanswered(value, transaction: UnansweredCommit(number: number, past: past))
        }
    }

    /// Runs `body` in one snapshot.
    func read<Value>(statementTimeout: Duration, _ body: (any Connection) throws -> Value) throws -> Value {
        try simple("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        let connection = PostgresTransaction(link: self, statementTimeout: statementTimeout)
        do {
            let value = try body(connection)
            try connection.requireCommittable()
            try simple("COMMIT")
            return value
        } catch {
            rollBack()
            throw error is SQLError ? connection.firstFailure ?? error : error
        }
    }

    /// Rolls back. If that fails, the connection is marked as broken, and its holder drops it.
    private func rollBack() {
        guard !isBroken, transactionStatus != PQTRANS_IDLE else { return }
        do { try simple("ROLLBACK") } catch { giveUp() }
    }
}
