// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import GRDB
import GRDBSQLite
import SQL

/// Binds values to a statement's placeholders by position.
struct StatementBinding {
    private let statement: GRDB.Statement

    init(_ statement: GRDB.Statement) {
        self.statement = statement
        // GRDB runs a statement only after its arguments were set; none clears what was bound before.
        statement.setUncheckedArguments([])
    }

    /// Binds one value to each placeholder. The statement must not be in the middle of its rows.
    func bind(_ values: some Collection<SQLValue>) throws {
        sqlite3_reset(statement.sqliteStatement)
        for (index, value) in zip(Int32(1)..., values) { try bind(value, at: index) }
    }

    private func bind(_ value: SQLValue, at index: Int32) throws {
        let handle = statement.sqliteStatement
        let outcome =
            switch value {
            case .null: sqlite3_bind_null(handle, index)
            case .integer(let number): sqlite3_bind_int64(handle, index, number)
            case .text(let text): try Self.bind(text, at: index, of: handle)
            case .blob(let bytes): Self.bind(bytes, at: index, of: handle)
            }
        guard outcome == SQLITE_OK else { throw DatabaseError(resultCode: ResultCode(rawValue: outcome)) }
    }

    private static func bind(_ text: String, at index: Int32, of handle: SQLiteStatement) throws -> Int32 {
        var text = text
        return try text.withUTF8 { bytes in
            // SQLite would take it; PostgreSQL's texts have none, and a copy from one to the other must not fail.
            guard !bytes.contains(0) else {
                throw SQLError(code: .constraint, message: "a text has a NUL character in it, which no column takes")
            }
            // An empty text may have no address, which SQLite would take for NULL.
            guard let start = bytes.baseAddress else { return sqlite3_bind_text(handle, index, "", 0, copies) }
            return start.withMemoryRebound(to: CChar.self, capacity: bytes.count) {
                sqlite3_bind_text(handle, index, $0, Int32(bytes.count), copies)
            }
        }
    }

    private static func bind(_ bytes: [UInt8], at index: Int32, of handle: SQLiteStatement) -> Int32 {
        guard !bytes.isEmpty else { return sqlite3_bind_zeroblob(handle, index, 0) }
        return bytes.withUnsafeBytes { sqlite3_bind_blob(handle, index, $0.baseAddress, Int32($0.count), copies) }
    }

    /// SQLite's `SQLITE_TRANSIENT`, a macro that Swift doesn't import: SQLite copies the bytes before it returns.
    private static var copies: sqlite3_destructor_type {
        // sqlite3.h defines it as the pointer -1 in this type, and SQLite never calls it.
        unsafeBitCast(OpaquePointer(bitPattern: -1), to: sqlite3_destructor_type.self)
    }
}

extension GRDB.Statement {
    /// Appends the columns of the row that the statement stands on.
    func readColumns(into values: inout [SQLValue]) {
        for column in 0..<sqlite3_column_count(sqliteStatement) { values.append(value(of: column)) }
    }

    private func value(of column: Int32) -> SQLValue {
        switch sqlite3_column_type(sqliteStatement, column) {
        case SQLITE_INTEGER: .integer(sqlite3_column_int64(sqliteStatement, column))
        case SQLITE_FLOAT: .text(String(sqlite3_column_double(sqliteStatement, column)))
        case SQLITE_TEXT: .text(text(of: column))
        case SQLITE_BLOB: .blob(bytes(of: column))
        default: .null
        }
    }

    private func text(of column: Int32) -> String {
        guard let start = sqlite3_column_text(sqliteStatement, column) else { return "" }
        let count = Int(sqlite3_column_bytes(sqliteStatement, column))
        return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    }

    private func bytes(of column: Int32) -> [UInt8] {
        guard let start = sqlite3_column_blob(sqliteStatement, column) else { return [] }
        return Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(sqliteStatement, column))))
    }
}
