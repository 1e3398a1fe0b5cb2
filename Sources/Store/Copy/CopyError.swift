// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Why a database was not copied, backed up, restored or upgraded; the text says what to do.
package struct CopyError: Error, Sendable, CustomStringConvertible {
    package enum Code: Sendable, Hashable {
        /// The target holds rows already.
        case notEmpty
        /// A database or a file of a schema, or a format, that this program does not know.
        case unknownSchema
        /// A file that is no backup, or no longer what was written.
        case damaged
        /// The rows that were read back differ from those that were written. The copy exists all the same.
        case differs
        /// The copy is there, but could not be read again to be compared.
        case unproved
        /// COMMIT was asked for and not answered: the copy is there whole, or not at all.
        case unknownOutcome
        /// A program wrote to the database that was to be replaced, after its backup was made.
        case changed
        /// A value that can't be read as it is, or that the target's engine can't hold.
        case unfit
        /// The other side of the copy ended first.
        case interrupted
        /// The database is not well enough, or the disk too full, for what was asked.
        case refused
    }

    package let code: Code
    package let description: String

    package init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
