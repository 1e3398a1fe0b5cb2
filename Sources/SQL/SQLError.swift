// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// What went wrong in the database, in terms that both engines share.
package struct SQLError: Error, Sendable, CustomStringConvertible {
    package enum Code: Sendable, Hashable {
        /// Another writer holds the database: retry.
        case busy
        /// A row breaks a constraint: the data is at fault, not the database.
        case constraint
        /// No space is left, or the medium fails: stop acknowledging until it is mended.
        case storage
        /// The database can't be opened or is no database of ours.
        case cannotOpen
        /// A column holds a value that it should not.
        case unexpectedValue
        /// A statement is wrong: a fault of the program.
        case statement
        /// Anything else.
        case other
    }

    package let code: Code
    package let message: String

    package init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }

    /// Whether the same transaction may succeed a little later, with nothing changed.
    package var isTransient: Bool {
        switch code {
        case .busy, .storage, .cannotOpen, .other: true
        case .constraint, .unexpectedValue, .statement: false
        }
    }
}
