// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// A statement whose interpolated values are bound, never spliced:
/// `"SELECT name FROM faculty WHERE id = \(id)"`.
///
/// Its text has the same shape whatever the values: `id \(in: ids)` binds a whole set as one parameter, so that an
/// engine parses the text once. Each engine writes placeholders and sets in its own way.
package struct SQLStatement: Sendable, ExpressibleByStringInterpolation {
    /// Literal text and bound values, alternating as written.
    package enum Part: Sendable, Hashable {
        case text(String)
        case parameter(SQLParameter)
    }

    package private(set) var parts: [Part]

    package init(stringLiteral text: String) {
        parts = [.text(text)]
    }

    package init(stringInterpolation interpolation: Interpolation) {
        parts = interpolation.parts
    }

    /// The text and the parameters in their order. `placeholder` writes a parameter, given its position from 1: a set
    /// with the operator before it, pairs as a table.
    package func rendered(
        placeholder: (Int, SQLParameter) -> String
    ) -> (text: String, parameters: [SQLParameter]) {
        var text = ""
        var parameters: [SQLParameter] = []
        for part in parts {
            switch part {
            case .text(let literal):
                text += literal
            case .parameter(let parameter):
                parameters.append(parameter)
                text += placeholder(parameters.count, parameter)
            }
        }
        return (text, parameters)
    }

    package struct Interpolation: StringInterpolationProtocol {
        fileprivate var parts: [Part] = []

        package init(literalCapacity: Int, interpolationCount: Int) {
            parts.reserveCapacity(2 * interpolationCount + 1)
        }

        package mutating func appendLiteral(_ literal: String) {
            parts.append(.text(literal))
        }

        package mutating func appendInterpolation<Value: SQLConvertible>(_ value: Value) {
            parts.append(.parameter(.value(value.sqlValue, Value.sqlType)))
        }

        package mutating func appendInterpolation<Value: SQLConvertible>(_ value: Value?) {
            parts.append(.parameter(.value(value.sqlValue, Value.sqlType)))
        }

        /// A condition on the column before it: `unit_id \(in: units)`. An empty set matches nothing.
        package mutating func appendInterpolation<Values: Collection>(
            in values: Values
        ) where Values.Element: SQLConvertible {
            parts.append(.parameter(.set(values.map { $0.sqlValue }, Values.Element.sqlType)))
        }

        /// `IN ('pending','busy')`: a condition on the column before it, by values that the program itself names.
        package mutating func appendInterpolation(oneOf cases: [some RawRepresentable<String>]) {
            let texts = cases.map { value in
                // A quote inside is written twice.
                "'\(value.rawValue.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''"))'"
            }
            parts.append(.text("IN (\(texts.joined(separator: ",")))"))
        }

        /// `p.state, p.since`: the columns that `Value` reads, of the table with this alias.
        package mutating func appendInterpolation(columns type: (some RowDecodable).Type, of alias: StaticString) {
            for (index, name) in type.columns.names.enumerated() {
                parts.append(.text("\(index == 0 ? "" : ", ")\(alias).\(name)"))
            }
        }

        /// Another statement, or a part of one, with its values.
        package mutating func appendInterpolation(_ statement: SQLStatement) {
            parts.append(contentsOf: statement.parts)
        }

        /// `(?,?),(?,?)`, at least one row: for texts that no two calls share, as those of a copy.
        package mutating func appendInterpolation(rows: [[SQLValue]]) {
            precondition(!rows.isEmpty, "VALUES needs a row: ask first whether there is one")
            for (index, row) in rows.enumerated() {
                if index > 0 { parts.append(.text(",")) }
                append(row: row)
            }
        }

        /// A table of these pairs of texts, whose columns are `column1` and `column2`: `FROM \(pairs: keys) k`.
        package mutating func appendInterpolation<First: SQLConvertible, Second: SQLConvertible>(
            pairs: [(First, Second)]
        ) {
            parts.append(
                .parameter(.pairs(pairs.map { SQLPair(first: $0.0.sqlValue, second: $0.1.sqlValue) })))
        }

        /// Text that is part of the program, as a table's name; never a value from outside.
        package mutating func appendInterpolation(literal: StaticString) {
            parts.append(.text("\(literal)"))
        }

        private mutating func append(row: [SQLValue]) {
            parts.append(.text("("))
            for (index, value) in row.enumerated() {
                if index > 0 { parts.append(.text(",")) }
                parts.append(.parameter(.value(value, nil)))
            }
            parts.append(.text(")"))
        }
    }
}
