// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation
import GRDB
import SQL

/// A GRDB connection inside a transaction, as the `Connection` that repositories are written against.
struct SQLiteConnection: Connection {
    let database: Database

    /// Statements with more values than this have a shape of their own in each batch: keeping them prepared would only
    /// fill the cache.
    private static let largestCachedValueCount = 48

    var dialect: SQLDialect { .sqlite }

    func execute(_ statement: SQLStatement) throws(SQLError) -> Int {
        try SQLError.translating {
            try prepared(statement).execute()
            return database.changesCount
        }
    }

    func query(_ statement: SQLStatement) throws(SQLError) -> [SQLRow] {
        try SQLError.translating {
            let cursor = try GRDB.Row.fetchCursor(prepared(statement))
            var rows: [SQLRow] = []
            while let row = try cursor.next() {
                rows.append(SQLRow(values: row.databaseValues.map(SQLValue.init)))
            }
            return rows
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
        let (text, values) = statement.rendered { _ in "?" }
        // GRDB hands text over up to its first NUL; PostgreSQL takes none.
        guard !values.contains(where: \.hasNUL) else {
            throw SQLError(code: .constraint, message: "a text has a NUL character in it, which no column takes")
        }
        let prepared =
            values.count <= Self.largestCachedValueCount
            ? try database.cachedStatement(sql: text) : try database.makeStatement(sql: text)
        try prepared.setArguments(StatementArguments(values.map(\.databaseValue)))
        return prepared
    }
}

extension SQLValue {
    fileprivate var hasNUL: Bool {
        guard case .text(let text) = self else { return false }
        return text.utf8.contains(0)
    }

    fileprivate init(_ value: DatabaseValue) {
        switch value.storage {
        case .null: self = .null
        case .int64(let number): self = .integer(number)
        case .double(let number): self = .text(String(number))
        case .string(let text): self = .text(text)
        case .blob(let data): self = .blob(Array(data))
        }
    }

    fileprivate var databaseValue: DatabaseValue {
        switch self {
        case .null: .null
        case .integer(let number): number.databaseValue
        case .text(let text): text.databaseValue
        case .blob(let bytes): Data(bytes).databaseValue
        }
    }
}
