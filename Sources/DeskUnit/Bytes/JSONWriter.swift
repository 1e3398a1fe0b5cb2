// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Writes one flat JSON object, key by key.
struct JSONWriter {
    private var bytes: [UInt8] = [0x7B]

    /// The closed object.
    var finished: [UInt8] { bytes + [0x7D] }

    mutating func text(_ key: StaticString, _ value: [UInt8]) {
        begin(key)
        quote(value)
    }

    mutating func text(_ key: StaticString, _ value: StaticString) {
        text(key, ascii(value))
    }

    mutating func number(_ key: StaticString, _ value: UInt64) {
        raw(key, Decimal.digits(value))
    }

    mutating func number(_ key: StaticString, _ value: Int8) {
        raw(key, (value < 0 ? [0x2D] : []) + Decimal.digits(UInt64(value.magnitude)))
    }

    mutating func flag(_ key: StaticString, _ value: Bool) {
        raw(key, ascii(value ? "true" : "false"))
    }

    /// Writes a value that is JSON already, such as the digits of an id.
    mutating func raw(_ key: StaticString, _ value: [UInt8]) {
        begin(key)
        bytes += value
    }

    private mutating func begin(_ key: StaticString) {
        if bytes.count > 1 { bytes.append(0x2C) }
        quote(ascii(key))
        bytes.append(0x3A)
    }

    private mutating func quote(_ value: [UInt8]) {
        bytes.append(0x22)
        for byte in value {
            switch byte {
            case 0x22, 0x5C: bytes += [0x5C, byte]
            case 0..<0x20:
                let hex = ascii("0123456789abcdef")
                bytes += ascii("\\u00") + [hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            default: bytes.append(byte)
            }
        }
        bytes.append(0x22)
    }
}

/// Returns the bytes of a literal.
func ascii(_ text: StaticString) -> [UInt8] {
    text.withUTF8Buffer { [UInt8]($0) }
}
