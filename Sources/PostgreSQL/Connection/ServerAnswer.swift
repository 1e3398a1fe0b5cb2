// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import CLibPQ
import SQL

/// One libpq result, which is cleared with its last reference.
final class ServerAnswer {
    private let handle: OpaquePointer

    init(_ handle: OpaquePointer) {
        self.handle = handle
    }

    deinit {
        PQclear(handle)
    }

    /// Why the statement failed; nil if it succeeded.
    var failure: SQLError? {
        switch PQresultStatus(handle) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: nil
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
            SQLError(code: .statement, message: "COPY is not supported")
        default: serverFailure
        }
    }

    /// The five characters of an error that the server reported.
    var sqlState: String? { field("C") }

    /// The command that was run, such as `COMMIT` or `ROLLBACK`.
    var command: String { String(cString: PQcmdStatus(handle)) }

    /// The number of rows that the statement changed; 0 for a statement that changes none.
    var changedRows: Int {
        let changes = ["INSERT", "UPDATE", "DELETE", "MERGE"].contains(where: command.hasPrefix)
        return changes ? Int(String(cString: PQcmdTuples(handle))) ?? 0 : 0
    }

    func rows() throws(SQLError) -> [SQLRow] {
        var rows: [SQLRow] = []
        rows.reserveCapacity(Int(PQntuples(handle)))
        try forEachRow { row throws(SQLError) in rows.append(SQLRow(values: row.values)) }
        return rows
    }

    func forEachRow(_ body: (inout RowReader) throws(SQLError) -> Void) throws(SQLError) {
        let width = PQnfields(handle)
        let kinds = (0..<width).map { ColumnKind(type: PQftype(handle, $0)) }
        var cursor = RowReader()
        for row in 0..<PQntuples(handle) {
            try cursor.load { values throws(SQLError) in
                for column in 0..<width {
                    values.append(try value(row: row, column: column, kind: kinds[Int(column)]))
                }
            }
            try body(&cursor)
        }
    }

    private func value(row: Int32, column: Int32, kind: ColumnKind) throws(SQLError) -> SQLValue {
        guard PQgetisnull(handle, row, column) == 0, let start = PQgetvalue(handle, row, column) else { return .null }
        let bytes = UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(handle, row, column)))
        guard let value = kind.value(bytes) else {
            throw SQLError(code: .unexpectedValue, message: "column \(column) of a result can't be read as \(kind)")
        }
        return value
    }

    private var serverFailure: SQLError {
        guard let sqlState else {
            // libpq itself reports this error: the connection ended, or it could not send.
            return SQLError(code: .connectionLost, message: PostgresConnection.line(PQresultErrorMessage(handle)))
        }
        return SQLError(sqlState: sqlState, primary: field("M") ?? "an error without text", constraint: field("n"))
    }

    /// Returns an error field by its letter in the protocol (PostgreSQL 15, 55.8).
    private func field(_ letter: Unicode.Scalar) -> String? {
        PQresultErrorField(handle, Int32(letter.value)).map { String(cString: $0) }
    }
}

/// How to read a column's text, chosen by the OID of its type. The OIDs of PostgreSQL's own types never change.
enum ColumnKind {
    case integer
    case number
    case truth
    case bytes
    case text

    init(type: Oid) {
        switch type {
        case 20, 21, 23: self = .integer
        // A sum of bigints has the type numeric.
        case 1700: self = .number
        case 16: self = .truth
        case 17: self = .bytes
        default: self = .text
        }
    }

    func value(_ bytes: UnsafeRawBufferPointer) -> SQLValue? {
        switch self {
        case .integer:
            return Int64(String(decoding: bytes, as: UTF8.self)).map(SQLValue.integer)
        case .number:
            let text = String(decoding: bytes, as: UTF8.self)
            return Int64(text).map(SQLValue.integer) ?? .text(text)
        case .truth:
            return .integer(bytes.first == UInt8(ascii: "t") ? 1 : 0)
        case .bytes:
            return Self.hexadecimal(bytes).map(SQLValue.blob)
        case .text:
            return .text(String(decoding: bytes, as: UTF8.self))
        }
    }

    /// Reads bytes written as `\x0aff`.
    private static func hexadecimal(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
        guard text.count >= 2, text.count.isMultiple(of: 2), text[0] == UInt8(ascii: "\\"), text[1] == UInt8(ascii: "x")
        else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 2 - 1)
        for index in stride(from: 2, to: text.count, by: 2) {
            guard let high = digit(text[index]), let low = digit(text[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func digit(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
