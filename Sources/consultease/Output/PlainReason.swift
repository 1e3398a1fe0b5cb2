// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Why no connection was made, as a person reads it.
enum PlainReason {
    /// What the operating system says, without the layers of the library that it came through; any other text as it is.
    static func of(_ text: String) -> String {
        guard let match = text.firstMatch(of: /([A-Z][A-Za-z ]*)\)? \((?:errno:|error) -?[0-9]+\)/) else { return text }
        return match.1.prefix(1).lowercased() + match.1.dropFirst()
    }
}
