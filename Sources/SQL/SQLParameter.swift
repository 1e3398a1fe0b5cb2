// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// What one placeholder of a statement is bound to.
package enum SQLParameter: Hashable, Sendable {
    /// A value and its column's type. Without one it is the value's own, and a NULL has none.
    case value(SQLValue, SQLType?)
    /// The members of a set, without NULLs: the condition that its column equals one of them.
    case set([SQLValue], SQLType)
    /// A table of pairs of texts, with the columns `column1` and `column2`.
    case pairs([SQLPair])

    /// The values that it holds.
    package var values: [SQLValue] {
        switch self {
        case .value(let value, _): [value]
        case .set(let values, _): values
        case .pairs(let pairs): pairs.flatMap { [$0.first, $0.second] }
        }
    }
}

/// Two texts that together name a row.
package struct SQLPair: Hashable, Sendable {
    package let first: SQLValue
    package let second: SQLValue
}
