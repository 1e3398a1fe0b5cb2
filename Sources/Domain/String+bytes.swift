// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

extension String {
    /// The longest prefix of at most `limit` bytes of UTF-8 that ends on a boundary of a Unicode scalar.
    ///
    /// Use this to bound any text from outside: a single character may be 64 KB long.
    package func prefix(bytes limit: Int) -> String {
        guard utf8.count > limit else { return self }
        var end = utf8.index(utf8.startIndex, offsetBy: max(0, limit))
        while utf8[end] & 0b1100_0000 == 0b1000_0000 { end = utf8.index(before: end) }
        return String(self[..<end])
    }
}
