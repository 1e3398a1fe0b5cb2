// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// MurmurHash3_x64_128 with the seed 0 (Austin Appleby, public domain): 128 bits that tell accidents, not attackers.
package enum RowChecksum {
    package struct Value: Hashable, Sendable, CustomStringConvertible {
        package let first: UInt64
        package let second: UInt64

        package init(first: UInt64, second: UInt64) {
            self.first = first
            self.second = second
        }

        /// 32 hexadecimal digits.
        package var description: String { Self.hexadecimal(first) + Self.hexadecimal(second) }

        private static func hexadecimal(_ number: UInt64) -> String {
            let digits = String(number, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }
    }

    private static let factor1: UInt64 = 0x87c3_7b91_1142_53d5
    private static let factor2: UInt64 = 0x4cf5_ad43_2745_937f

    package static func of(_ bytes: [UInt8]) -> Value {
        bytes.withUnsafeBytes { bytes in
            var first: UInt64 = 0
            var second: UInt64 = 0
            let wholeBlocks = bytes.count / 16
            for block in 0..<wholeBlocks {
                let low = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: block * 16, as: UInt64.self))
                let high = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: block * 16 + 8, as: UInt64.self))
                first ^= mixed1(low)
                first = (rotated(first, 27) &+ second) &* 5 &+ 0x52dc_e729
                second ^= mixed2(high)
                second = (rotated(second, 31) &+ first) &* 5 &+ 0x3849_5ab5
            }
            var low: UInt64 = 0
            var high: UInt64 = 0
            for (index, byte) in bytes[(wholeBlocks * 16)...].enumerated() {
                if index < 8 {
                    low |= UInt64(byte) << (8 * index)
                } else {
                    high |= UInt64(byte) << (8 * (index - 8))
                }
            }
            second ^= mixed2(high)
            first ^= mixed1(low)
            first ^= UInt64(bytes.count)
            second ^= UInt64(bytes.count)
            first &+= second
            second &+= first
            first = finished(first)
            second = finished(second)
            first &+= second
            second &+= first
            return Value(first: first, second: second)
        }
    }

    private static func mixed1(_ block: UInt64) -> UInt64 { rotated(block &* factor1, 31) &* factor2 }
    private static func mixed2(_ block: UInt64) -> UInt64 { rotated(block &* factor2, 33) &* factor1 }

    private static func rotated(_ number: UInt64, _ count: UInt64) -> UInt64 {
        (number << count) | (number >> (64 - count))
    }

    private static func finished(_ number: UInt64) -> UInt64 {
        var mixed = number
        mixed = (mixed ^ (mixed >> 33)) &* 0xff51_afd7_ed55_8ccd
        mixed = (mixed ^ (mixed >> 33)) &* 0xc4ce_b9fe_1a85_ec53
        return mixed ^ (mixed >> 33)
    }
}
