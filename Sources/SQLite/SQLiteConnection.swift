// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import GRDB
import SQL

/// A GRDB connection inside a transaction, as the `Connection` that repositories are written against.
///
/// GRDB prepares, caches and steps statements. Values are bound and columns are read through SQLite's own functions,
/// which saves a copy of each value.
struct SQLiteConnection: Connection {
    let database: Database

    /// Only the texts of a copy have more values: they differ from call to call, so keeping them prepared would only
    /// fill the cache.
    private static let largestCachedValueCount = 48

    var dialect: SQLDialect { .sqlite }

    func execute(_ statement: SQLStatement) throws(SQLError) -> Int {
        try SQLError.translating {
            try prepared(statement).execute()
            return database.changesCount
        }
    }

    func execute(_ statement: SQLBulkStatement, _ rows: SQLRows) throws(SQLError) {
        try SQLError.translating {
            var rest = rows.values[...]
            for size in Self.bulkSizes {
                let count = size * rows.width
                guard rest.count >= count else { continue }
                let prepared = try database.cachedStatement(sql: Self.text(of: statement, rows: size))
                let binding = StatementBinding(prepared)
                while rest.count >= count {
                    try binding.bind(rest.prefix(count))
                    try prepared.execute()
                    rest = rest.dropFirst(count)
                }
            }
        }
    }

    /// How many rows one run of a bulk statement takes: a few sizes, so that each text stays prepared, and large ones,
    /// since SQLite makes the tables for `CHECK (column IN (…))` anew in each run.
    private static let bulkSizes = [64, 8, 1]

    private static func text(of statement: SQLBulkStatement, rows: Int) -> String {
        let row = "(\(repeatElement("?", count: statement.types.count).joined(separator: ",")))"
        return "\(statement.head) VALUES \(repeatElement(row, count: rows).joined(separator: ",")) \(statement.tail)"
    }

    func query(
        _ statement: SQLStatement, each body: (inout RowReader) throws(SQLError) -> Void
    ) throws(SQLError) {
        try SQLError.translating {
            let prepared = try prepared(statement)
            let rows = try GRDB.Row.fetchCursor(prepared)
            var cursor = RowReader()
            while try rows.next() != nil {
                cursor.load { values in prepared.readColumns(into: &values) }
                try body(&cursor)
            }
        }
    }

    func script(_ text: String) throws(SQLError) {
        do {
            try database.execute(sql: text)
        } catch let error as DatabaseError {
            // Without the script, which may have a hundred lines.
            throw SQLError(translating: DatabaseError(resultCode: error.extendedResultCode, message: error.message))
        } catch {
            throw SQLError(translating: error)
        }
    }

    private func prepared(_ statement: SQLStatement) throws -> GRDB.Statement {
        let (text, parameters) = statement.rendered { _, parameter in
            switch parameter {
            case .value: "?"
            case .set: "IN (SELECT value FROM json_each(?))"
            case .pairs: "(SELECT value ->> 0 AS column1, value ->> 1 AS column2 FROM json_each(?))"
            }
        }
        let prepared =
            parameters.count <= Self.largestCachedValueCount
            ? try database.cachedStatement(sql: text) : try database.makeStatement(sql: text)
        try StatementBinding(prepared).bind(
            parameters.map { parameter in
                switch parameter {
                case .value(let value, _): value
                case .set(let members, _): .text(try JSONArray.text(of: members))
                case .pairs(let pairs): .text(try JSONArray.text(of: pairs))
                }
            })
        return prepared
    }
}
