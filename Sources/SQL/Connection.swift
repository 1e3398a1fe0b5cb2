// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// A connection inside a transaction, used synchronously on its own thread.
///
/// Not `Sendable`: it never leaves the closure that it is given to, and neither does anything tied to it.
package protocol Connection {
    /// Runs a statement and returns how many rows it changed.
    @discardableResult
    func execute(_ statement: SQLStatement) throws(SQLError) -> Int

    /// Runs a statement for each of these rows; without rows it does nothing.
    func execute(_ statement: SQLBulkStatement, _ rows: SQLRows) throws(SQLError)

    /// Runs a query and calls `body` with each of its rows.
    func query(
        _ statement: SQLStatement, each body: (inout RowReader) throws(SQLError) -> Void
    ) throws(SQLError)

    /// Runs a script of several statements without values: a migration.
    func script(_ text: String) throws(SQLError)

    /// From now on this transaction and its statements may take as long as they take: a copy waits for its other side.
    func takeItsTime() throws(SQLError)

    /// Which past the database belongs to, beyond what is stored in it: changes when a replica is promoted, and when a
    /// copy takes the database's place. Asked of the very server that the transaction is on. Empty if an engine has no
    /// such thing, nil if the server only follows another one's.
    func timeline() throws(SQLError) -> String?

    /// What this engine's migrations and statements differ by.
    var dialect: SQLDialect { get }
}

/// The engines.
package enum SQLDialect: Sendable, Hashable {
    case sqlite
    case postgreSQL
}

extension Connection {
    package func takeItsTime() throws(SQLError) {}

    package func timeline() throws(SQLError) -> String? { "" }

    /// Runs a query and returns what `decode` makes of each of its rows.
    package func query<Value>(
        _ statement: SQLStatement, _ decode: (inout RowReader) throws(SQLError) -> Value
    ) throws(SQLError) -> [Value] {
        var values: [Value] = []
        try query(statement, each: { row throws(SQLError) in values.append(try decode(&row)) })
        return values
    }

    /// Runs a query and returns what `decode` makes of its first row, nil if there is none.
    package func first<Value>(
        _ statement: SQLStatement, _ decode: (inout RowReader) throws(SQLError) -> Value
    ) throws(SQLError) -> Value? {
        try query(statement, decode).first
    }

    /// Runs a query and returns all of its rows.
    package func query(_ statement: SQLStatement) throws(SQLError) -> [SQLRow] {
        try query(statement) { row in SQLRow(values: row.values) }
    }

    /// The first row, if there is one.
    package func first(_ statement: SQLStatement) throws(SQLError) -> SQLRow? {
        try query(statement).first
    }
}
