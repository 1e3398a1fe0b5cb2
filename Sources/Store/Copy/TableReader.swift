// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import SQL

/// Reads a table in key order, a chunk at a time, each chunk found by the key after the last one's.
struct TableReader {
    private let table: CopiedTable
    private let rowsPerChunk: Int

    /// - Parameter rowsPerChunk: few enough that a chunk's values fit in one statement of either engine (SQLite:
    ///   32,766).
    init(_ table: CopiedTable, rowsPerChunk: Int = 500) {
        self.table = table
        self.rowsPerChunk = rowsPerChunk
    }

    /// Gives all rows to `body`, in chunks that are never empty. All come from the connection's one snapshot.
    func chunks(_ connection: any Connection, _ body: ([SQLRow]) throws -> Void) throws {
        let positions = try table.key.map { key in
            guard let position = table.columns.firstIndex(of: key) else {
                throw CopyError(.unknownSchema, "the key \(key) of \(table.name) is no column of it")
            }
            return position
        }
        let text = ExactText(table, connection.dialect)
        var last: [SQLValue]?
        while true {
            let rows = try text.rows(connection.query(chunk(text.columns, after: last)))
            if rows.isEmpty { return }
            try body(rows)
            if rows.count < rowsPerChunk { return }
            last = rows.last.map { row in positions.map { row.values[$0] } }
        }
    }

    func count(_ connection: any Connection) throws -> Int64 {
        let filter = table.condition.map { " WHERE \($0)" } ?? ""
        return try connection.first(.init(stringLiteral: "SELECT count(*) FROM \(table.name.quoted)\(filter)"))?.get(0)
            ?? 0
    }

    private func chunk(_ columns: String, after last: [SQLValue]?) -> SQLStatement {
        let key = table.key.map(\.quoted).joined(separator: ", ")
        var text = SQLStatement.Interpolation(literalCapacity: 0, interpolationCount: table.key.count)
        text.appendLiteral("SELECT \(columns) FROM \(table.name.quoted)")
        text.appendLiteral(" WHERE \(table.condition ?? "1 = 1")")
        if let last {
            text.appendLiteral(" AND (\(key)) > ")
            text.appendInterpolation(rows: [last])
        }
        text.appendLiteral(" ORDER BY \(key) LIMIT \(rowsPerChunk)")
        return SQLStatement(stringInterpolation: text)
    }
}

extension String {
    /// A name of the program's as SQL takes it whatever words an engine reserves.
    var quoted: String { "\"\(self)\"" }
}
