// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// A statement whose interpolated values are bound, never spliced:
/// `"SELECT name FROM faculty WHERE id = \(id)"`.
///
/// `\(list: ids)` binds a parenthesised list, `\(rows: tuples)` the rows of a `VALUES`. An empty list matches nothing.
/// The engine writes the placeholders in its own way, so that one statement serves every engine.
package struct SQLStatement: Sendable, ExpressibleByStringInterpolation {
    /// Literal text and bound values, alternating as written.
    package enum Part: Sendable, Hashable {
        case text(String)
        case value(SQLValue)
    }

    package private(set) var parts: [Part]

    package init(stringLiteral text: String) {
        parts = [.text(text)]
    }

    package init(stringInterpolation interpolation: Interpolation) {
        parts = interpolation.parts
    }

    /// The text with placeholders, and the values in their order. `placeholder` is given the position, from 1.
    package func rendered(placeholder: (Int) -> String) -> (text: String, values: [SQLValue]) {
        var text = ""
        var values: [SQLValue] = []
        for part in parts {
            switch part {
            case .text(let literal):
                text += literal
            case .value(let value):
                values.append(value)
                text += placeholder(values.count)
            }
        }
        return (text, values)
    }

    package struct Interpolation: StringInterpolationProtocol {
        fileprivate var parts: [Part] = []

        package init(literalCapacity: Int, interpolationCount: Int) {
            parts.reserveCapacity(2 * interpolationCount + 1)
        }

        package mutating func appendLiteral(_ literal: String) {
            parts.append(.text(literal))
        }

        package mutating func appendInterpolation(_ value: some SQLConvertible) {
            parts.append(.value(value.sqlValue))
        }

        package mutating func appendInterpolation<Value: SQLConvertible>(_ value: Value?) {
            parts.append(.value(value.sqlValue))
        }

        /// `(?,?,?)`
        package mutating func appendInterpolation(list values: some Collection<some SQLConvertible>) {
            append(row: values.isEmpty ? [.null] : values.map(\.sqlValue))
        }

        /// `(?,?),(?,?)`, at least one row.
        package mutating func appendInterpolation(rows: [[SQLValue]]) {
            precondition(!rows.isEmpty, "VALUES needs a row: ask first whether there is one")
            for (index, row) in rows.enumerated() {
                if index > 0 { parts.append(.text(",")) }
                append(row: row)
            }
        }

        /// `(CAST(? AS TEXT),CAST(? AS BIGINT)),(?,?)`: rows of a `VALUES` that stands for itself, with each column's
        /// type.
        package mutating func appendInterpolation(rows: [[SQLValue]], types: [StaticString]) {
            guard let first = rows.first else {
                preconditionFailure("VALUES needs a row: ask first whether there is one")
            }
            for (index, (value, type)) in zip(first, types).enumerated() {
                parts.append(.text(index == 0 ? "(CAST(" : ",CAST("))
                parts.append(.value(value))
                parts.append(.text(" AS \(type))"))
            }
            parts.append(.text(")"))
            for row in rows.dropFirst() {
                parts.append(.text(","))
                append(row: row)
            }
        }

        /// Text that is part of the program, as a table's name; never a value from outside.
        package mutating func appendInterpolation(literal: StaticString) {
            parts.append(.text("\(literal)"))
        }

        private mutating func append(row: [SQLValue]) {
            parts.append(.text("("))
            for (index, value) in row.enumerated() {
                if index > 0 { parts.append(.text(",")) }
                parts.append(.value(value))
            }
            parts.append(.text(")"))
        }
    }
}
