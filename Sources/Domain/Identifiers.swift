// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Identifies a row: 1…2⁶³−1, as `wire/protocol.md` rule 1 defines an *id*.
package protocol RowIdentifier: Hashable, Comparable, Sendable, CustomStringConvertible {
    var rawValue: Int64 { get }
    /// Returns nil unless `rawValue` is 1 or more.
    init?(_ rawValue: Int64)
}

extension RowIdentifier {
    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    package var description: String { String(rawValue) }

    /// The largest identifier that pages, the API and commands accept: 2⁵³−1, the largest n for which JavaScript holds
    /// every whole number up to n exactly.
    package static var largestAtOurDoors: Int64 { 9_007_199_254_740_991 }

    /// Reads plain ASCII digits without leading zeros; anything else is nil.
    package init?(digits: some StringProtocol) {
        guard let value = ASCIIDigits.value(of: digits.utf8) else { return nil }
        self.init(value)
    }
}

/// Identifies a faculty member.
package struct FacultyID: RowIdentifier {
    package let rawValue: Int64

    package init?(_ rawValue: Int64) {
        guard rawValue >= 1 else { return nil }
        self.rawValue = rawValue
    }
}

/// Identifies a student.
package struct StudentID: RowIdentifier {
    package let rawValue: Int64

    package init?(_ rawValue: Int64) {
        guard rawValue >= 1 else { return nil }
        self.rawValue = rawValue
    }
}

/// Identifies one consultation request.
package struct ConsultationID: RowIdentifier {
    package let rawValue: Int64

    package init?(_ rawValue: Int64) {
        guard rawValue >= 1 else { return nil }
        self.rawValue = rawValue
    }
}

/// Reads whole numbers in plain ASCII digits, without sign, space or leading zero.
package enum ASCIIDigits {
    /// Returns the number, or nil if a byte is no digit, a zero leads (except "0" itself), or the number exceeds 2⁶³−1.
    package static func value(of bytes: some Collection<UInt8>) -> Int64? {
        guard let first = bytes.first, bytes.count == 1 || first != UInt8(ascii: "0") else { return nil }
        var value: Int64 = 0
        for byte in bytes {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            let (scaled, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = scaled.addingReportingOverflow(Int64(byte - UInt8(ascii: "0")))
            guard !overflow, !carry else { return nil }
            value = sum
        }
        return value
    }
}
