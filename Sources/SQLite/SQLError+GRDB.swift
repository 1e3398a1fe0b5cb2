// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import GRDB
import SQL

extension SQLError {
    /// The engine's error in shared terms; a `SQLError` stays what it is.
    init(translating error: any Error) {
        switch error {
        case let error as SQLError:
            self = error
        case let error as DatabaseError:
            // Without GRDB's own mention of the statement, which may come with values.
            let bare = DatabaseError(resultCode: error.extendedResultCode, message: error.message)
            self.init(code: Code(error), message: bare.description, statement: error.sql)
        default:
            self.init(code: .other, message: String(describing: error))
        }
    }

    /// SQLite's errors in shared terms; what the transaction's own code threw stays as it is.
    static func shared(_ error: any Error) -> any Error {
        error is DatabaseError ? SQLError(translating: error) : error
    }

    static func translating<Value>(_ body: () throws -> Value) throws(SQLError) -> Value {
        do {
            return try body()
        } catch {
            throw SQLError(translating: error)
        }
    }
}

extension SQLError.Code {
    fileprivate init(_ error: DatabaseError) {
        switch error.resultCode {
        // Another program dropped what our statements need: no data can be at fault.
        case .SQLITE_ERROR where error.message.map(Self.isMissing) ?? false: self = .cannotOpen
        case .SQLITE_BUSY, .SQLITE_LOCKED: self = .busy
        case .SQLITE_CONSTRAINT, .SQLITE_TOOBIG, .SQLITE_MISMATCH: self = .constraint
        case .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_READONLY: self = .storage
        case .SQLITE_CANTOPEN, .SQLITE_NOTADB, .SQLITE_CORRUPT, .SQLITE_PERM: self = .cannotOpen
        case .SQLITE_ERROR, .SQLITE_RANGE, .SQLITE_MISUSE: self = .statement
        default: self = .other
        }
    }

    /// SQLite has no code of its own for it. Its messages are always English.
    private static func isMissing(_ message: String) -> Bool {
        ["no such table", "no such column", "no such function", "ON CONFLICT clause does not match"]
            .contains { message.hasPrefix($0) }
    }
}
