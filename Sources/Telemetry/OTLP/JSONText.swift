// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Writes JSON into bytes, key by key. It handles commas and escapes; the caller keeps the brackets paired.
struct JSONText {
    private(set) var bytes: [UInt8] = []
    /// Whether the next value in each open bracket needs a comma before it.
    private var needsComma: [Bool] = [false]

    mutating func object(_ body: (inout JSONText) -> Void) { bracket("{", "}", body) }

    mutating func array<Element>(_ elements: some Sequence<Element>, _ body: (inout JSONText, Element) -> Void) {
        bracket("[", "]") { json in
            for element in elements { body(&json, element) }
        }
    }

    /// Writes a key; its value must follow.
    mutating func key(_ name: String) {
        separate()
        quote(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma[needsComma.count - 1] = false
    }

    mutating func string(_ text: String) {
        separate()
        quote(text)
    }

    /// Writes a 64-bit integer as text, as protobuf's JSON demands.
    mutating func wide(_ value: some BinaryInteger) { string(String(value)) }

    mutating func number(_ value: Int) { literal(String(value)) }

    mutating func bool(_ value: Bool) { literal(value ? "true" : "false") }

    /// Writes a double; protobuf's JSON has words for the values that JSON lacks.
    mutating func double(_ value: Double) {
        if value.isFinite {
            literal("\(value)")
        } else {
            string(value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity")
        }
    }

    private mutating func literal(_ text: String) {
        separate()
        bytes += text.utf8
    }

    private mutating func bracket(_ open: Character, _ close: Character, _ body: (inout JSONText) -> Void) {
        separate()
        bytes += String(open).utf8
        needsComma.append(false)
        body(&self)
        needsComma.removeLast()
        bytes += String(close).utf8
    }

    private mutating func separate() {
        if needsComma[needsComma.count - 1] { bytes.append(UInt8(ascii: ",")) }
        needsComma[needsComma.count - 1] = true
    }

    private mutating func quote(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 0..<0x20:
                let digits = Array("0123456789abcdef".utf8)
                bytes += Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 0xF)]]
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
