// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Converts decimal digits without 64-bit division, which small processors don't have.
enum Decimal {
    /// Returns the digits of a number.
    static func digits(_ number: UInt64) -> [UInt8] {
        var digits: [UInt8] = []
        var rest = number
        for power in powersOfTen {
            var digit: UInt8 = 0
            while rest >= power {
                rest -= power
                digit += 1
            }
            if digit > 0 || !digits.isEmpty { digits.append(0x30 + digit) }
        }
        return digits.isEmpty ? [0x30] : digits
    }

    /// Returns the number that plain digits spell; nil for anything else, or if it doesn't fit.
    static func number(_ digits: [UInt8]) -> UInt64? {
        guard !digits.isEmpty, digits.count <= 20 else { return nil }
        var number: UInt64 = 0
        for byte in digits {
            guard byte >= 0x30, byte <= 0x39 else { return nil }
            let (shifted, overflow) = number.multipliedReportingOverflow(by: 10)
            let (sum, carry) = shifted.addingReportingOverflow(UInt64(byte - 0x30))
            guard !overflow, !carry else { return nil }
            number = sum
        }
        return number
    }

    /// Computes `number` modulo `divisor` by shifts and subtractions.
    static func remainder(_ number: UInt64, _ divisor: UInt32) -> UInt32 {
        var remainder: UInt64 = 0
        for bit in 0..<64 {
            remainder = (remainder << 1) | ((number >> UInt64(63 - bit)) & 1)
            if remainder >= UInt64(divisor) { remainder -= UInt64(divisor) }
        }
        return UInt32(truncatingIfNeeded: remainder)
    }

    /// Returns two digits, with a leading zero if needed.
    static func twoDigits(_ number: UInt32) -> [UInt8] {
        [0x30 + UInt8(truncatingIfNeeded: number / 10 % 10), 0x30 + UInt8(truncatingIfNeeded: number % 10)]
    }

    private static let powersOfTen: [UInt64] = {
        var powers: [UInt64] = [1]
        while powers.count < 20 { powers.append(powers[powers.count - 1] &* 10) }
        return powers.reversed()
    }()
}
