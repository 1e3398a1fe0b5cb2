// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Why no connection was made, as a person reads it.
enum PlainReason {
    /// What the operating system says, without the layers of the library that it came through, to stand within a
    /// sentence.
    static func of(_ text: String) -> String {
        let match = text.firstMatch(of: /([A-Z][A-Za-z ]*)\)? \((?:errno:|error) -?[0-9]+\)/)
        let words = match?.1 ?? text.trimmingPrefix("connecting failed: ")
        return words.prefix(1).lowercased() + words.dropFirst()
    }
}
