// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// A statement that takes many rows: `head`, a source of rows, `tail`. Each engine has a few texts for it, whatever the
/// number of rows, so that it parses each once.
///
/// The source is a query whose columns are named `column1`, `column2`, …: after `INSERT INTO t (a, b)` it stands as it
/// is, after `UPDATE t SET a = v.column2 FROM` in parentheses. SQLite takes some rows a run (VALUES), PostgreSQL all of
/// them (one array a column, unnested): so no row may depend on another's effect.
/// See docs/decisions/0019-fixed-texts-of-sql.md.
package struct SQLBulkStatement: Sendable {
    package let head: StaticString
    package let types: [SQLType]
    package let tail: StaticString

    package init(_ head: StaticString, rows types: [SQLType], _ tail: StaticString = "") {
        self.head = head
        self.types = types
        self.tail = tail
    }
}

/// Rows for a statement, one after another in one array.
package struct SQLRows: Sendable {
    package let width: Int
    package private(set) var values: [SQLValue] = []

    /// - Parameters:
    ///   - statement: the statement whose columns each row fills.
    ///   - count: how many rows to make room for.
    package init(for statement: SQLBulkStatement, reserving count: Int = 0) {
        width = statement.types.count
        values.reserveCapacity(width * count)
    }

    package var count: Int { values.count / width }

    package var isEmpty: Bool { values.isEmpty }

    package mutating func append(_ row: [SQLValue]) {
        precondition(row.count == width, "a row of \(row.count) values among rows of \(width)")
        values.append(contentsOf: row)
    }
}
