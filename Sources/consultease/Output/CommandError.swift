// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Why a command does not do what it was asked; the text says the remedy. Ends it with exit code 1.
struct CommandError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
