// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// What went wrong in the database, in terms that both engines share.
package struct SQLError: Error, Sendable, CustomStringConvertible {
    package enum Code: Sendable, Hashable {
        /// Another writer holds the database or the row, or no connection was free in time: retry.
        case busy
        /// The database gave this transaction up for another's sake (serialization failure, deadlock): run it anew from
        /// fresh state, at once.
        case conflict
        /// A statement took longer than it may.
        case timeout
        /// The connection ended before COMMIT was asked for: nothing is written.
        case connectionLost
        /// COMMIT was asked for and the database could not be asked since whether it happened: look before doing it
        /// again.
        case unknownOutcome
        /// This connection no longer has the exclusive lock that its transactions need: another process may have it.
        case notLeader
        /// A row breaks a constraint: the data is at fault, not the database.
        case constraint
        /// No space is left, or the medium fails: stop acknowledging until it is mended.
        case storage
        /// The database can't be opened, or is no database of ours: a table, say, or a privilege is missing.
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
    /// The text that failed, with placeholders: it never holds a value. Nil if no statement was at fault.
    package let statement: String?

    package init(code: Code, message: String, statement: String? = nil) {
        self.code = code
        self.message = message
        self.statement = statement
    }

    /// For logs: the message, and the beginning of the statement in one line.
    package var description: String {
        guard let statement else { return message }
        let words = statement.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return "\(message) - while executing `\(words.prefix(200))`"
    }

    /// Whether the same transaction may succeed a little later, with nothing changed.
    package var isTransient: Bool {
        switch code {
        case .busy, .conflict, .connectionLost, .unknownOutcome, .storage, .cannotOpen, .other: true
        case .constraint, .unexpectedValue, .statement, .timeout, .notLeader: false
        }
    }
}
