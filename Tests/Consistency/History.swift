// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain

/// What clients asked and were told while a system ran, and what its database held in the end: all that the checker
/// knows.
package struct History: Sendable {
    /// Where each lineage began. A lineage without one begins with values that nobody knows: the first ones seen are
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

    /// The database, read when every client had stopped: a read of the newest state that nobody can be ahead of.
    package struct Final: Sendable {
        package var tag: RevisionTag
        package var values: [Cell: Token]
        /// How many writes the database says were applied to a cell, where its row counts them.
        package var counts: [Cell: Int]

        package init(tag: RevisionTag, values: [Cell: Token], counts: [Cell: Int] = [:]) {
            self.tag = tag
            self.values = values
            self.counts = counts
        }
    }
}

/// One register: one aspect of one faculty member, such as a room.
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

/// What stands in a cell. The check is sharpest where no two writes of a cell have the same.
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

/// Nanoseconds since the recording began, by one monotonic clock for all clients.
package struct Moment: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let nanoseconds: Int64

    package init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    package static func < (left: Moment, right: Moment) -> Bool { left.nanoseconds < right.nanoseconds }

    /// Milliseconds with three decimals.
    package var description: String {
        let microseconds = nanoseconds / 1000
        let decimals = String(1000 + microseconds % 1000).dropFirst()
        return "\(microseconds / 1000).\(decimals)"
    }
}
