// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Identifies one trace: 16 bytes, never all zero (W3C Trace Context, 3.2.2.3).
package struct TraceID: Hashable, Sendable, CustomStringConvertible {
    package let high: UInt64
    package let low: UInt64

    /// Returns nil if both are zero.
    package init?(high: UInt64, low: UInt64) {
        guard high != 0 || low != 0 else { return nil }
        self.high = high
        self.low = low
    }

    package init(using generator: inout some RandomNumberGenerator) {
        high = generator.next()
        low = UInt64.random(in: 1...UInt64.max, using: &generator)
    }

    /// 32 hexadecimal digits in lower case.
    package var description: String { Hexadecimal.text(high) + Hexadecimal.text(low) }
}

/// Identifies one span of a trace: 8 bytes, never all zero.
package struct SpanID: Hashable, Sendable, CustomStringConvertible {
    package let value: UInt64

    package init?(_ value: UInt64) {
        guard value != 0 else { return nil }
        self.value = value
    }

    package init(using generator: inout some RandomNumberGenerator) {
        value = UInt64.random(in: 1...UInt64.max, using: &generator)
    }

    /// 16 hexadecimal digits in lower case.
    package var description: String { Hexadecimal.text(value) }
}

enum Hexadecimal {
    private static let digits = Array("0123456789abcdef".utf8)

    static func text(_ value: UInt64) -> String {
        String(unsafeUninitializedCapacity: 16) { buffer in
            for index in 0..<16 {
                buffer[index] = digits[Int((value >> UInt64((15 - index) * 4)) & 0xF)]
            }
            return 16
        }
    }

    /// Reads at most 16 hexadecimal digits, in lower case only, as the specification demands.
    static func value(_ text: some Sequence<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for digit in text {
            switch digit {
            case 0x30...0x39: value = value << 4 | UInt64(digit - 0x30)
            case 0x61...0x66: value = value << 4 | UInt64(digit - 0x61 + 10)
            default: return nil
            }
        }
        return value
    }
}
