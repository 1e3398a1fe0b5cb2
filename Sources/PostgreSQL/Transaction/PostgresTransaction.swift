// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import CLibPQ
import SQL

/// A connection inside a transaction, as the `Connection` that repositories use.
final class PostgresTransaction: Connection {
    private let link: PostgresConnection
    private let statementTimeout: Duration
    /// The first error that made COMMIT impossible; the errors that follow it say less.
    private(set) var firstFailure: SQLError?
    /// Bounds an answer; nil uses the connection's own limit.
    private(set) var limit: Duration?

    init(link: PostgresConnection, statementTimeout: Duration) {
        self.link = link
        self.statementTimeout = statementTimeout
    }

    var dialect: SQLDialect { .postgreSQL }

    func execute(_ statement: SQLStatement) throws(SQLError) -> Int {
        try noting { () throws(SQLError) in try link.run(statement, within: limit).changedRows }
    }

    func execute(_ statement: SQLBulkStatement, _ rows: SQLRows) throws(SQLError) {
        guard !rows.isEmpty else { return }
        _ = try noting { () throws(SQLError) in try link.run(statement, rows, within: limit) }
    }

    func query(
        _ statement: SQLStatement, each body: (inout RowReader) throws(SQLError) -> Void
    ) throws(SQLError) {
        let answer = try noting { () throws(SQLError) in try link.run(statement, within: limit) }
        try answer.forEachRow(body)
    }

    func takeItsTime() throws(SQLError) {
        _ = try noting { () throws(SQLError) in
            try link.simple(
                "SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL statement_timeout = 0")
        }
        limit = PostgresConnection.unlimited
    }

    func timeline() throws(SQLError) -> String? {
        try noting { () throws(SQLError) in
            let row = try link.row(
                """
                SELECT \(ServerPast.timelineExpression), oid::bigint, coalesce(to_regclass('revision')::oid::bigint, 0)
                FROM pg_database WHERE datname = current_database()
                """)
            guard let timeline = try row.get(0, as: String?.self) else { return nil }
            let database = "\(try row.get(1, as: Int64.self))-\(try row.get(2, as: Int64.self))"
            // If the role may not ask for the cluster's identifier, the rest must do.
            return "\(link.past.systemIdentifier.map { "\($0)-" } ?? "")\(timeline)-\(database)"
        }
    }

    /// Runs a script without a statement time-out: a migration may take any time.
    func script(_ text: String) throws(SQLError) {
        guard !text.utf8.contains(0) else {
            throw SQLError(code: .statement, message: "a script has a NUL byte in it")
        }
        try noting { () throws(SQLError) in
            try link.simple("SET LOCAL statement_timeout = 0")
            try link.simple(text, within: PostgresConnection.unlimited)
            if limit == nil { try link.simple("SET LOCAL statement_timeout = \(statementTimeout.milliseconds)") }
        }
    }

    /// Throws the first failure if COMMIT would not commit.
    func requireCommittable() throws(SQLError) {
        switch link.transactionStatus {
        case PQTRANS_INTRANS: return
        case PQTRANS_IDLE:
            throw SQLError(code: .statement, message: "the transaction's own code ended the transaction")
        default:
            throw firstFailure
                ?? SQLError(code: .connectionLost, message: "the connection ended within the transaction")
        }
    }

    private func noting<Value>(_ body: () throws(SQLError) -> Value) throws(SQLError) -> Value {
        do {
            let value = try body()
            // Rolling back to a savepoint has made the transaction usable again.
            firstFailure = nil
            return value
        } catch {
            if firstFailure == nil { firstFailure = error }
            throw error
        }
    }
}
