// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Which version of a row an edit was made from. A row's version rises by one with each edit.
package enum ExpectedVersion: Hashable, Sendable {
    /// The edit doesn't depend on what stands.
    case any
    /// The editor saw that there is none.
    case absent
    /// The editor saw this one.
    case exactly(Int64)

    /// As an editor writes it: 0 is none, nil is whatever stands.
    package init(_ number: Int64?) {
        self = number.map { $0 == 0 ? .absent : .exactly($0) } ?? .any
    }

    /// Whether the edit may go on a row of this version; nil is no row.
    package func allows(_ standing: Int64?) -> Bool {
        switch self {
        case .any: true
        case .absent: standing == nil
        case .exactly(let version): standing == version
        }
    }
}

/// A value and the version of the row that holds it.
package struct Versioned<Value: Hashable & Sendable>: Hashable, Sendable {
    package let value: Value
    package let version: Int64

    package init(value: Value, version: Int64) {
        self.value = value
        self.version = version
    }
}
