// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Passwords for programs, which no person has to remember.
package enum NewPassword {
    /// 32 characters of a 32-letter alphabet: 160 bits. No two of them look alike to a person who types them.
    package static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        return String((0..<length).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] })
    }

    /// Whether `make` can have made it. False for one that a power cut has shortened or overwritten.
    static func canHaveMade(_ text: String) -> Bool { text.count == length && text.allSatisfy(alphabet.contains) }

    private static let length = 32
    private static let alphabet = Array("abcdefghijkmnpqrstuvwxyz23456789")
}
