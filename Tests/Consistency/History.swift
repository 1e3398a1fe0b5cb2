// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain

/// What clients asked and were told while a system ran, and the final content of its database. The checker knows
/// nothing else.
package struct History: Sendable {
    /// The beginning of each lineage. The first values of a lineage without one are unknown: the first values seen are
    /// believed.
    package var origins: [Origin]
    package var operations: [Operation]
    package var final: Final?

    package init(origins: [Origin] = [], operations: [Operation] = [], final: Final? = nil) {
        self.origins = origins
        self.operations = operations
        self.final = final
    }

    /// The state before the first recorded write.
    package struct Origin: Sendable {
        package var tag: RevisionTag
        package var values: [Cell: Token]

        package init(tag: RevisionTag, values: [Cell: Token]) {
            self.tag = tag
            self.values = values
        }
    }

    /// The database's content, read after every client had stopped: no client can be ahead of it.
    package struct Final: Sendable {
        package var tag: RevisionTag
        package var values: [Cell: Token]
        /// The number of writes applied to a cell, if the database's row counts them.
        package var counts: [Cell: Int]

        package init(tag: RevisionTag, values: [Cell: Token], counts: [Cell: Int] = [:]) {
            self.tag = tag
            self.values = values
            self.counts = counts
        }
    }
}

/// One register: one aspect of one faculty member, such as the room.
package struct Cell: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let faculty: FacultyID
    package let aspect: String

    package init(_ faculty: FacultyID, _ aspect: String) {
        self.faculty = faculty
        self.aspect = aspect
    }

    package static func < (left: Cell, right: Cell) -> Bool {
        (left.faculty, left.aspect) < (right.faculty, right.aspect)
    }

    package var description: String { "\(faculty).\(aspect)" }
}

/// The value of a cell. The check finds most if all writes of a cell have different values.
package struct Token: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    package let text: String

    package init(_ text: String) {
        self.text = text
    }

    package init(stringLiteral text: String) {
        self.text = text
    }

    package var description: String { text }
}

/// Nanoseconds since the recording began, on one monotonic clock for all clients.
package struct Moment: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let nanoseconds: Int64

    package init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    package static func < (left: Moment, right: Moment) -> Bool { left.nanoseconds < right.nanoseconds }

    /// The moment in milliseconds with three decimals.
    package var description: String {
        let microseconds = nanoseconds / 1000
        let decimals = String(1000 + microseconds % 1000).dropFirst()
        return "\(microseconds / 1000).\(decimals)"
    }
}
