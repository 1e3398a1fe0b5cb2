// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import NIOCore

/// Integers of one to four bytes, seven bits each (MQTT 5.0 section 1.5.5).
enum VariableByteInteger {
    static let largest = 268_435_455

    enum Reading: Hashable {
        case incomplete
        case value(Int, width: Int)
    }

    /// Reads without consuming. Refuses more than four bytes, or more bytes than the value needs (1.5.5-1).
    static func read(_ bytes: ByteBuffer, at start: Int) throws(CodecError) -> Reading {
        var value = 0
        for width in 1...4 {
            guard let byte = bytes.getInteger(at: start + width - 1, as: UInt8.self),
                start + width <= bytes.writerIndex
            else { return .incomplete }
            value |= Int(byte & 0x7F) << (7 * (width - 1))
            guard byte & 0x80 == 0 else { continue }
            guard width == 1 || byte != 0 else {
                throw .malformed("a variable byte integer is longer than it needs to be")
            }
            return .value(value, width: width)
        }
        throw .malformed("a variable byte integer is longer than four bytes")
    }

    static func width(of value: Int) -> Int {
        switch value {
        case ..<128: 1
        case ..<16_384: 2
        case ..<2_097_152: 3
        default: 4
        }
    }

    /// Overwrites the bytes from `index` on with `value`.
    static func set(_ value: Int, at index: Int, in buffer: inout ByteBuffer) {
        var (rest, index) = (value, index)
        repeat {
            let low = UInt8(rest & 0x7F)
            rest >>= 7
            buffer.setInteger(rest > 0 ? low | 0x80 : low, at: index)
            index += 1
        } while rest > 0
    }
}
