// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser
import Domain

/// Parses ids on the command line. A malformed id is a usage error that names the right form.
enum IdentifierArguments {
    @Sendable
    static func faculty(_ text: String) throws -> FacultyID {
        guard let id = FacultyID(digits: text) else {
            throw ValidationError("'\(text)' is no faculty id: write a whole number, as 7")
        }
        return id
    }

    @Sendable
    static func unit(_ text: String) throws -> UnitID {
        guard let id = UnitID(text) else {
            throw ValidationError(
                "'\(text)' is no unit id: write 1 to 32 of a-z, 0-9 and -, as desk-7; an old unit is d1- and its person's id, as d1-7"
            )
        }
        return id
    }
}
