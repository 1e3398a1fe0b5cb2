// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import SQL

/// Text as its very bytes. A shell can put into a SQLite file what is no text, or has a NUL in it; read as text it
/// would be changed in silence on its way.
struct ExactText {
    private let table: CopiedTable
    private let isNeeded: Bool

    init(_ table: CopiedTable, _ dialect: SQLDialect) {
        self.table = table
        // PostgreSQL takes valid text alone.
        isNeeded = dialect == .sqlite
    }

    /// The table's columns, as a SELECT names them.
    var columns: String {
        table.columns.map { column in
            guard isNeeded else { return column.quoted }
            return
                "CASE typeof(\(column.quoted)) WHEN 'text' THEN CAST(\(column.quoted) AS BLOB) ELSE \(column.quoted) END"
        }.joined(separator: ", ")
    }

    /// The rows of such a SELECT. No column of ours is for bytes, so bytes were text. Throws `CopyError.Code.unfit`,
    /// with the place, if they are none.
    func rows(_ rows: [SQLRow]) throws -> [SQLRow] {
        guard isNeeded else { return rows }
        return try rows.map { row in
            SQLRow(
                values: try row.values.enumerated().map { index, value in
                    guard case .blob(let bytes) = value else { return value }
                    guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
                        throw unfit(table.columns[index], bytes, in: row)
                    }
                    return .text(text)
                })
        }
    }

    private func unfit(_ column: String, _ bytes: [UInt8], in row: SQLRow) -> CopyError {
        let place = zip(table.columns, row.values).filter { table.key.contains($0.0) }
            .map { "\($0.0) = \(Self.literal($0.1))" }.joined(separator: " AND ")
        let what = bytes.contains(0) ? "has a NUL character in it" : "is no UTF-8"
        return CopyError(
            .unfit,
            "the text in \(table.name).\(column) where \(place) \(what), and can't be copied as it is: write it anew (UPDATE \(table.name) SET \(column) = … WHERE \(place)), or delete the row"
        )
    }

    private static func literal(_ value: SQLValue) -> String {
        switch value {
        case .null: return "NULL"
        case .integer(let number): return String(number)
        case .text(let text): return "'\(text)'"
        case .blob(let bytes):
            if let text = String(validating: bytes, as: UTF8.self), !bytes.contains(where: { $0 < 0x20 }) {
                return "'\(text)'"
            }
            let digits = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            return "CAST(x'\(digits)' AS TEXT)"
        }
    }
}
