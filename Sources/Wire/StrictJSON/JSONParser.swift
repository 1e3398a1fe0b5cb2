// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Why a text is not valid JSON.
package enum JSONError: Error, Hashable {
    case notUTF8
    /// The text breaks the grammar at this byte.
    case malformed(at: Int)
    /// The nesting is deeper than allowed.
    case tooDeep
}

/// Reads one JSON text strictly by RFC 8259: no NaN, no trailing comma, no comment, no raw control character in a
/// string, no unpaired surrogate. Repeated keys are kept, and the caller decides about them.
///
/// The parser descends at most `depth` levels, so no input can exhaust the stack.
package struct JSONParser {
    let text: [UInt8]
    var position = 0
    let deepest: Int
    private let nested: Nested

    /// Decides what the parser does with arrays and objects inside the root.
    package enum Nested: Sendable {
        case kept
        /// They are checked as strictly, but the result holds empty ones: building values that no caller reads would
        /// cost far more than checking them.
        case passedOver
    }

    /// Parses a whole text; white space around it is allowed. `depth` counts the root as one level.
    package static func parse(
        _ text: some Collection<UInt8>, depth: Int = 32, nested: Nested = .kept
    ) throws(JSONError) -> JSONValue {
        let bytes = Array(text)
        guard String(validating: bytes, as: UTF8.self) != nil else { throw .notUTF8 }
        var parser = JSONParser(text: bytes, deepest: depth, nested: nested)
        let value = try parser.value(level: 1)
        parser.skipSpace()
        guard parser.position == bytes.count else { throw parser.malformed }
        return value
    }

    private init(text: [UInt8], deepest: Int, nested: Nested) {
        self.text = text
        self.deepest = deepest
        self.nested = nested
    }

    var malformed: JSONError { .malformed(at: position) }

    var next: UInt8? { position < text.count ? text[position] : nil }

    mutating func skipSpace() {
        while let byte = next, JSONParser.isSpace(byte) { position += 1 }
    }

    /// Whether the byte is white space of JSON and of rule 4: space, tab, CR or LF.
    static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }

    mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    /// Reads one value; `level` is the nesting of an array or object found here.
    private mutating func value(level: Int) throws(JSONError) -> JSONValue {
        skipSpace()
        if level > 1, nested == .passedOver {
            switch next {
            case UInt8(ascii: "{"):
                try passOver(level: level)
                return .object(JSONObject([]))
            case UInt8(ascii: "["):
                try passOver(level: level)
                return .array([])
            default: break
            }
        }
        switch next {
        case UInt8(ascii: "{"): return .object(try object(level: level))
        case UInt8(ascii: "["): return .array(try array(level: level))
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: return .number(try number())
        }
    }

    mutating func literal(_ word: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        let matches = word.withUTF8Buffer { text[position...].starts(with: $0) }
        guard matches else { throw malformed }
        position += word.utf8CodeUnitCount
        return value
    }

    private mutating func object(level: Int) throws(JSONError) -> JSONObject {
        guard level <= deepest else { throw .tooDeep }
        position += 1
        var members: [JSONObject.Member] = []
        skipSpace()
        if take(UInt8(ascii: "}")) { return JSONObject(members) }
        while true {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw malformed }
            let key = try string()
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw malformed }
            members.append(JSONObject.Member(key, try value(level: level + 1)))
            skipSpace()
            if take(UInt8(ascii: "}")) { return JSONObject(members) }
            guard take(UInt8(ascii: ",")) else { throw malformed }
        }
    }

    private mutating func array(level: Int) throws(JSONError) -> [JSONValue] {
        guard level <= deepest else { throw .tooDeep }
        position += 1
        var elements: [JSONValue] = []
        skipSpace()
        if take(UInt8(ascii: "]")) { return elements }
        while true {
            elements.append(try value(level: level + 1))
            skipSpace()
            if take(UInt8(ascii: "]")) { return elements }
            guard take(UInt8(ascii: ",")) else { throw malformed }
        }
    }
}

// MARK: - Strings

extension JSONParser {
    private mutating func string() throws(JSONError) -> String {
        position += 1
        let start = position
        while let byte = next, byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") { position += 1 }
        // Most strings have no escapes, and are copied at once.
        if next == UInt8(ascii: "\"") {
            defer { position += 1 }
            return String(decoding: text[start..<position], as: UTF8.self)
        }
        var bytes = Array(text[start..<position])
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return String(decoding: bytes, as: UTF8.self)
            case UInt8(ascii: "\\"):
                position += 1
                try escape(into: &bytes)
            case 0..<0x20:
                throw malformed
            default:
                bytes.append(byte)
                position += 1
            }
        }
        throw malformed
    }

    mutating func escape(into bytes: inout [UInt8]) throws(JSONError) {
        guard let letter = next else { throw malformed }
        position += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(letter)
        case UInt8(ascii: "b"): bytes.append(0x08)
        case UInt8(ascii: "f"): bytes.append(0x0C)
        case UInt8(ascii: "n"): bytes.append(0x0A)
        case UInt8(ascii: "r"): bytes.append(0x0D)
        case UInt8(ascii: "t"): bytes.append(0x09)
        case UInt8(ascii: "u"): bytes += Array(String(Character(try escapedScalar())).utf8)
        default:
            position -= 1
            throw malformed
        }
    }

    private mutating func escapedScalar() throws(JSONError) -> Unicode.Scalar {
        let first = try hexUnit()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else { throw malformed }
        let second = try hexUnit()
        guard (0xDC00...0xDFFF).contains(second) else { throw malformed }
        let code = 0x10000 + (UInt32(first & 0x3FF) << 10) + UInt32(second & 0x3FF)
        guard let scalar = Unicode.Scalar(code) else { throw malformed }
        return scalar
    }

    private mutating func hexUnit() throws(JSONError) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = JSONParser.hexValue(byte) else { throw malformed }
            unit = unit << 4 | UInt16(digit)
            position += 1
        }
        return unit
    }

    package static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

// MARK: - Numbers

extension JSONParser {
    private mutating func number() throws(JSONError) -> JSONNumber {
        let isNegative = take(UInt8(ascii: "-"))
        var digits = try takeDigits()
        if digits.count > 1, digits[0] == 0 { throw malformed }
        var exponent = 0
        if take(UInt8(ascii: ".")) {
            let fraction = try takeDigits()
            digits += fraction
            exponent = -fraction.count
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            let isSmall = take(UInt8(ascii: "-"))
            if !isSmall { _ = take(UInt8(ascii: "+")) }
            var power = 0
            for digit in try takeDigits() { power = min(power * 10 + Int(digit), JSONNumber.largestExponent * 2) }
            exponent += isSmall ? -power : power
        }
        return JSONNumber(isNegative: isNegative, digits: digits[...], exponent: exponent)
    }

    private mutating func takeDigits() throws(JSONError) -> [UInt8] {
        let first = position
        while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        guard position > first else { throw malformed }
        return text[first..<position].map { $0 - UInt8(ascii: "0") }
    }
}
