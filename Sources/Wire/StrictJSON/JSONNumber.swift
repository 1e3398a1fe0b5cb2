// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// A JSON number by its exact value: `1`, `1.0`, `1e0` and `10e-1` are equal, and `-0` is `0`.
///
/// The value is `digits` × 10^`exponent`, negative if `isNegative`. Digits have no zero at either end, so each value
/// has exactly one form; zero has no digits. Nothing is rounded: `1e400` and a 20th decimal are kept.
package struct JSONNumber: Hashable, Sendable {
    package let isNegative: Bool
    /// Decimal digits 0…9, most significant first.
    package let digits: [UInt8]
    /// The power of ten of the last digit. It saturates at ±10⁹, far beyond any allowed value.
    package let exponent: Int

    static let largestExponent = 1_000_000_000

    package init(_ value: Int64) {
        let digits = String(value.magnitude).utf8.map { $0 - UInt8(ascii: "0") }
        self.init(isNegative: value < 0, digits: digits[...], exponent: 0)
    }

    /// Brings digits and exponent into the canonical form.
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

    /// The value if it is a 64-bit whole number; nil for a fraction or a number out of range.
    package var whole: Int64? {
        guard !digits.isEmpty else { return 0 }
        guard exponent >= 0, digits.count + exponent <= 19 else { return nil }
        var value: Int64 = 0
        for digit in digits + Array(repeating: 0, count: exponent) {
            // The number is built below zero, because only there -2⁶³ fits.
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
    /// The canonical text of the number: `48211`, and `-5e-1` for `-0.5`.
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
