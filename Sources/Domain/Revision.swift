// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// The number of a committed change. Revisions rise strictly in the order in which commits become visible.
package struct Revision: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let number: Int64

    package init(_ number: Int64) {
        self.number = number
    }

    package static let none = Revision(0)

    package static func < (left: Revision, right: Revision) -> Bool { left.number < right.number }

    package var description: String { String(number) }
}

/// The identity of a database's history: random, and new after a restore or a promotion, so a revision of another
/// history is recognised.
package struct Lineage: Hashable, Sendable, CustomStringConvertible {
    package let rawValue: String

    /// Returns nil unless the text is 8 to 32 lower-case letters and digits.
    package init?(_ text: some StringProtocol) {
        let bytes = text.utf8
        let isAllowed: (UInt8) -> Bool = { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
        }
        guard (8...32).contains(bytes.count), bytes.allSatisfy(isAllowed) else { return nil }
        rawValue = String(text)
    }

    /// Makes a new lineage.
    package init(using generator: inout some RandomNumberGenerator) {
        let alphabet = Array("abcdefghijkmnpqrstuvwxyz23456789")
        rawValue = String((0..<12).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] })
    }

    package var description: String { rawValue }
}

/// A revision in its external form: `lineage-n`.
package struct RevisionTag: Hashable, Sendable, CustomStringConvertible {
    package let lineage: Lineage
    package let revision: Revision

    package init(lineage: Lineage, revision: Revision) {
        self.lineage = lineage
        self.revision = revision
    }

    /// Returns nil unless the text is a lineage, one `-`, and a whole number without leading zeros.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let lineage = Lineage(parts[0]), let number = ASCIIDigits.value(of: parts[1].utf8)
        else { return nil }
        self.init(lineage: lineage, revision: Revision(number))
    }

    package var description: String { "\(lineage)-\(revision)" }
}
