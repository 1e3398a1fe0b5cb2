// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// A JSON number by its exact value: `1`, `1.0`, `1e0` and `10e-1` are equal, and `-0` is `0`.
///
/// The value is `digits` × 10^`exponent`, negative if `isNegative`. Digits have no zero at either end, so that every
/// value has one form; zero has no digits. Never rounded: `1e400` and the 20th decimal are kept.
package struct JSONNumber: Hashable, Sendable {
    package let isNegative: Bool
    /// Decimal digits 0…9, most significant first.
    package let digits: [UInt8]
    /// The power of ten of the last digit; saturates at ±10⁹, far beyond anything that is in range.
    package let exponent: Int

    static let largestExponent = 1_000_000_000

    package init(_ value: Int64) {
        let digits = String(value.magnitude).utf8.map { $0 - UInt8(ascii: "0") }
        self.init(isNegative: value < 0, digits: digits[...], exponent: 0)
    }

    /// Brings any digits and exponent into the one form.
    init(isNegative: Bool, digits: ArraySlice<UInt8>, exponent: Int) {
        let start = digits.firstIndex { $0 != 0 } ?? digits.endIndex
        let end = digits.lastIndex { $0 != 0 }.map { $0 + 1 } ?? start
        guard start < end else {
            (self.isNegative, self.digits, self.exponent) = (false, [], 0)
            return
        }
        let shifted = exponent + (digits.endIndex - end)
        self.isNegative = isNegative
        self.digits = Array(digits[start..<end])
        self.exponent = min(max(shifted, -Self.largestExponent), Self.largestExponent)
    }

    /// The value if it is a whole number of 64 bits; nil for fractions and for what is out of range.
    package var whole: Int64? {
        guard !digits.isEmpty else { return 0 }
        guard exponent >= 0, digits.count + exponent <= 19 else { return nil }
        var value: Int64 = 0
        for digit in digits + Array(repeating: 0, count: exponent) {
            // Built on the negative side, where -2⁶³ fits.
            let (scaled, overflow) = value.multipliedReportingOverflow(by: 10)
            let (next, borrow) = scaled.subtractingReportingOverflow(Int64(digit))
            guard !overflow, !borrow else { return nil }
            value = next
        }
        if isNegative { return value }
        return value == .min ? nil : -value
    }

    /// The nearest double; nil if the magnitude is beyond its range, such as `1e400`.
    package var double: Double? {
        guard digits.count + exponent <= 310, let value = Double(description), value.isFinite else { return nil }
        return value
    }
}

extension JSONNumber: CustomStringConvertible {
    /// The shortest of our own spellings: `48211`, `-0.5` as `-5e-1`.
    package var description: String {
        guard !digits.isEmpty else { return "0" }
        let sign = isNegative ? "-" : ""
        let body = String(decoding: digits.map { $0 + UInt8(ascii: "0") }, as: UTF8.self)
        switch exponent {
        case 0: return sign + body
        case 1...18: return sign + body + String(repeating: "0", count: exponent)
        default: return "\(sign)\(body)e\(exponent)"
        }
    }
}
