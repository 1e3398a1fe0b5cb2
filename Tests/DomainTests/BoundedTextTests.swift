// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Testing

@Suite("Text is cut at a number of bytes")
struct BoundedTextTests {
    /// A single character may have any number of scalars.
    @Test func aCharacterOfThirtyTwoThousandAccentsIsCutToo() {
        let text = "e" + String(repeating: "\u{301}", count: 32_000)
        #expect(text.count == 1)
        #expect(text.prefix(bytes: 128).utf8.count == 127)
    }

    @Test(arguments: 0...12)
    func noScalarIsSplit(limit: Int) {
        let text = "aé€😀z"
        let cut = text.prefix(bytes: limit)
        #expect(cut.utf8.count <= limit && text.utf8.starts(with: cut.utf8))
        #expect(!cut.unicodeScalars.contains("\u{FFFD}"))
        let next = text.unicodeScalars.dropFirst(cut.unicodeScalars.count).first
        #expect(next.map { cut.utf8.count + String($0).utf8.count > limit } ?? true, "as much as fits")
    }
}
