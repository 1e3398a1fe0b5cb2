// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// What can be bound to a statement and read from a row.
package enum SQLValue: Hashable, Sendable {
    case null
    case integer(Int64)
    case text(String)
    case blob([UInt8])
}

/// The kinds of values that columns hold beside NULL.
package enum SQLType: Hashable, Sendable {
    case integer
    case text
    case blob
}

/// A Swift type with one form in a column. Conformances of domain types stand with the repositories.
package protocol SQLConvertible {
    /// What it is stored as, if it isn't NULL.
    static var sqlType: SQLType { get }
    var sqlValue: SQLValue { get }
    /// Nil if the column holds something that is no such value.
    init?(sqlValue: SQLValue)
}

extension Int64: SQLConvertible {
    package static var sqlType: SQLType { .integer }
    package var sqlValue: SQLValue { .integer(self) }

    package init?(sqlValue: SQLValue) {
        guard case .integer(let value) = sqlValue else { return nil }
        self = value
    }
}

extension Bool: SQLConvertible {
    package static var sqlType: SQLType { .integer }
    package var sqlValue: SQLValue { .integer(self ? 1 : 0) }

    package init?(sqlValue: SQLValue) {
        guard case .integer(let value) = sqlValue else { return nil }
        self = value != 0
    }
}

extension String: SQLConvertible {
    package static var sqlType: SQLType { .text }
    package var sqlValue: SQLValue { .text(self) }

    package init?(sqlValue: SQLValue) {
        guard case .text(let value) = sqlValue else { return nil }
        self = value
    }
}

extension [UInt8]: SQLConvertible {
    package static var sqlType: SQLType { .blob }
    package var sqlValue: SQLValue { .blob(self) }

    package init?(sqlValue: SQLValue) {
        guard case .blob(let value) = sqlValue else { return nil }
        self = value
    }
}

extension Optional: SQLConvertible where Wrapped: SQLConvertible {
    package static var sqlType: SQLType { Wrapped.sqlType }
    package var sqlValue: SQLValue {
        if case .some(let value) = self { value.sqlValue } else { .null }
    }

    package init?(sqlValue: SQLValue) {
        if case .null = sqlValue {
            self = .none
            return
        }
        guard let value = Wrapped(sqlValue: sqlValue) else { return nil }
        self = .some(value)
    }
}

/// An enum stored by its raw value.
extension SQLConvertible where Self: RawRepresentable, RawValue: SQLConvertible {
    package static var sqlType: SQLType { RawValue.sqlType }
    package var sqlValue: SQLValue { rawValue.sqlValue }

    package init?(sqlValue: SQLValue) {
        guard let raw = RawValue(sqlValue: sqlValue), let value = Self(rawValue: raw) else { return nil }
        self = value
    }
}
