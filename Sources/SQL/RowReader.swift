// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// A row of a result while it is read, column by column from left to right.
///
/// A type that stands in several columns lists them once, in `columns`, and reads them in that order in `init(from:)`:
/// so a query that selects `Value.columns` needs no positions.
package struct RowReader {
    /// All columns of the row.
    package private(set) var values: [SQLValue] = []
    private var position = 0

    package init() {}

    /// Moves to the next row: `fill` is given the emptied buffer, whose memory is used again.
    package mutating func load<Failure: Error>(_ fill: (inout [SQLValue]) throws(Failure) -> Void) throws(Failure) {
        values.removeAll(keepingCapacity: true)
        position = 0
        try fill(&values)
    }

    /// Reads the next column as `type`. Throws if the database holds something else, and names the column.
    package mutating func next<Value: SQLConvertible>(_ type: Value.Type = Value.self) throws(SQLError) -> Value {
        let column = position
        position += 1
        guard column < values.count, let value = Value(sqlValue: values[column]) else {
            throw .unreadable(column, as: Value.self, values)
        }
        return value
    }

    /// Reads the next column, nil if it is NULL.
    package mutating func next<Value: SQLConvertible>(_ type: Value?.Type = Value?.self) throws(SQLError) -> Value? {
        guard position < values.count, values[position] == .null else { return try next(Value.self) }
        position += 1
        return nil
    }

    /// Reads a value that stands in several columns.
    package mutating func next<Value: RowDecodable>(_ type: Value.Type = Value.self) throws(SQLError) -> Value {
        try Value(from: &self)
    }

    /// Reads a value of several columns that a LEFT JOIN may have left empty: nil if its first column is NULL, which
    /// is never so in a row that exists.
    package mutating func nextIfJoined<Value: RowDecodable>(
        _ type: Value.Type = Value.self
    ) throws(SQLError) -> Value? {
        guard position < values.count, values[position] == .null else { return try Value(from: &self) }
        position += Value.columns.count
        return nil
    }
}

/// A value that stands in several columns of one table.
package protocol RowDecodable {
    /// The names of its columns, in the order in which `init(from:)` reads them.
    static var columns: RowColumns { get }

    init(from row: inout RowReader) throws(SQLError)
}

/// The columns of a value, by name.
package struct RowColumns: Sendable, ExpressibleByArrayLiteral {
    let names: [StaticString]

    package init(arrayLiteral names: StaticString...) {
        self.names = names
    }

    package var count: Int { names.count }
}

extension SQLError {
    static func unreadable<Value>(_ column: Int, as type: Value.Type, _ values: [SQLValue]) -> SQLError {
        let found = values.indices.contains(column) ? "\(values[column])" : "nothing"
        return SQLError(
            code: .unexpectedValue,
            message: "column \(column) is no \(Value.self): \(String(found.unicodeScalars.prefix(80)))")
    }
}
