// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Passwords for programs, which nobody has to keep in mind.
package enum NewPassword {
    /// 32 characters of a 32-letter alphabet: 160 bits. None of them is taken for another by whoever types it.
    package static func make() -> String {
        let alphabet = Array("abcdefghijkmnpqrstuvwxyz23456789")
        var generator = SystemRandomNumberGenerator()
        return String((0..<32).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] })
    }
}
