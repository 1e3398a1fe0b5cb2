// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// A beacon's MAC address in one spelling: twelve upper-case hex digits in pairs, joined by `:`.
///
/// Reading ignores case, `:` and `-` (`wire/protocol.md` rule 9).
package struct BeaconAddress: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: String

    /// Nil unless the text holds exactly twelve hex digits and otherwise only `:` and `-`.
    package init?(_ text: some StringProtocol) {
        var digits: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: ":"), UInt8(ascii: "-"): continue
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "F"): digits.append(byte)
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digits.append(byte - 32)
            default: return nil
            }
            guard digits.count <= 12 else { return nil }
        }
        guard digits.count == 12 else { return nil }
        let pairs = stride(from: 0, to: 12, by: 2).map { String(decoding: digits[$0..<$0 + 2], as: UTF8.self) }
        rawValue = pairs.joined(separator: ":")
    }

    package var description: String { rawValue }

    package static func < (left: BeaconAddress, right: BeaconAddress) -> Bool { left.rawValue < right.rawValue }
}
