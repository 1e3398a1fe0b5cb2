// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// A JSON value in the form that the unit needs: a number keeps its characters, and nested objects are skipped.
indirect enum JSONValue: Equatable {
    case null
    case flag(Bool)
    case number([UInt8])
    case text([UInt8])
    case list([JSONValue])
    case object
}

/// The top-level members of one JSON object. Any other value, or a malformed one, gives nil: a unit ignores it.
struct JSONObject {
    private var members: [(key: [UInt8], value: JSONValue)]

    init?(_ bytes: [UInt8]) {
        var reader = JSONReader(bytes)
        guard let members = reader.document() else { return nil }
        self.members = members
    }

    func value(_ key: StaticString) -> JSONValue? {
        let name = ascii(key)
        for member in members where member.key == name { return member.value }
        return nil
    }

    func text(_ key: StaticString) -> [UInt8]? {
        if case .text(let text) = value(key) { return text }
        return nil
    }

    func flag(_ key: StaticString) -> Bool? {
        if case .flag(let flag) = value(key) { return flag }
        return nil
    }

    /// Returns a whole number that is not negative and written in plain digits.
    func number(_ key: StaticString) -> UInt64? {
        if case .number(let digits) = value(key) { return Decimal.number(digits) }
        return nil
    }

    /// Returns a whole number of minutes, which may be negative.
    func minutes(_ key: StaticString) -> Int32? {
        guard case .number(let digits) = value(key), let first = digits.first else { return nil }
        guard let magnitude = Decimal.number(first == 0x2D ? Array(digits.dropFirst()) : digits), magnitude < 100_000
        else { return nil }
        let minutes = Int32(truncatingIfNeeded: magnitude)
        return first == 0x2D ? -minutes : minutes
    }

    /// Returns the digits of an id, given as a number or as text.
    func id(_ key: StaticString) -> [UInt8]? {
        value(key).flatMap(JSONObject.id)
    }

    /// Returns the ids of a list; nil if the value is no list, or an element is no id.
    func ids(_ key: StaticString) -> [[UInt8]]? {
        guard case .list(let values) = value(key) else { return nil }
        var ids: [[UInt8]] = []
        for value in values {
            guard let id = JSONObject.id(value) else { return nil }
            ids.append(id)
        }
        return ids
    }

    private static func id(_ value: JSONValue) -> [UInt8]? {
        switch value {
        case .number(let digits), .text(let digits):
            guard digits.count <= 19, digits.first != 0x30, Decimal.number(digits) != nil else { return nil }
            return digits
        case .null, .flag, .list, .object: return nil
        }
    }
}

/// Reads bytes from the left. Every function returns nil at the first fault and never reads past the end.
private struct JSONReader {
    private let bytes: [UInt8]
    private var index = 0
    private static let deepest = 8

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func document() -> [(key: [UInt8], value: JSONValue)]? {
        skipSpace()
        guard let members = object(depth: 1) else { return nil }
        skipSpace()
        return index == bytes.count ? members : nil
    }

    private mutating func object(depth: Int) -> [(key: [UInt8], value: JSONValue)]? {
        guard take(0x7B) else { return nil }
        var members: [(key: [UInt8], value: JSONValue)] = []
        skipSpace()
        if take(0x7D) { return members }
        while true {
            skipSpace()
            guard let key = string() else { return nil }
            skipSpace()
            guard take(0x3A), let value = value(depth: depth) else { return nil }
            members.append((key, value))
            skipSpace()
            if take(0x7D) { return members }
            guard take(0x2C) else { return nil }
        }
    }

    private mutating func value(depth: Int) -> JSONValue? {
        guard depth <= Self.deepest else { return nil }
        skipSpace()
        guard index < bytes.count else { return nil }
        switch bytes[index] {
        case 0x22: return string().map { .text($0) }
        case 0x7B: return object(depth: depth + 1) == nil ? nil : .object
        case 0x5B: return list(depth: depth + 1)
        case 0x74: return word("true", .flag(true))
        case 0x66: return word("false", .flag(false))
        case 0x6E: return word("null", .null)
        default: return number()
        }
    }

    private mutating func list(depth: Int) -> JSONValue? {
        guard take(0x5B) else { return nil }
        var values: [JSONValue] = []
        skipSpace()
        if take(0x5D) { return .list(values) }
        while true {
            guard let next = value(depth: depth) else { return nil }
            values.append(next)
            skipSpace()
            if take(0x5D) { return .list(values) }
            guard take(0x2C) else { return nil }
        }
    }

    private mutating func number() -> JSONValue? {
        let start = index
        while index < bytes.count, isNumberByte(bytes[index]) { index += 1 }
        return start == index ? nil : .number(Array(bytes[start..<index]))
    }

    private func isNumberByte(_ byte: UInt8) -> Bool {
        (byte >= 0x30 && byte <= 0x39) || byte == 0x2D || byte == 0x2B || byte == 0x2E || byte == 0x65 || byte == 0x45
    }

    private mutating func word(_ word: StaticString, _ value: JSONValue) -> JSONValue? {
        for byte in ascii(word) {
            guard take(byte) else { return nil }
        }
        return value
    }

    private mutating func string() -> [UInt8]? {
        guard take(0x22) else { return nil }
        var text: [UInt8] = []
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            switch byte {
            case 0x22: return text
            case 0x5C:
                guard let escaped = escape() else { return nil }
                text += escaped
            case 0..<0x20: return nil
            default: text.append(byte)
            }
        }
        return nil
    }

    private mutating func escape() -> [UInt8]? {
        guard index < bytes.count else { return nil }
        let byte = bytes[index]
        index += 1
        switch byte {
        case 0x22, 0x5C, 0x2F: return [byte]
        case 0x62, 0x66, 0x6E, 0x72, 0x74: return [0x20]
        case 0x75:
            guard let first = codeUnit() else { return nil }
            guard first & 0xF800 == 0xD800 else { return utf8(first) }
            guard first < 0xDC00, take(0x5C), take(0x75), let second = codeUnit(), second & 0xFC00 == 0xDC00
            else { return nil }
            return utf8(0x10000 + ((first & 0x3FF) << 10) + (second & 0x3FF))
        default: return nil
        }
    }

    private mutating func codeUnit() -> UInt32? {
        guard index + 4 <= bytes.count else { return nil }
        var unit: UInt32 = 0
        for byte in bytes[index..<index + 4] {
            let digit: UInt8
            switch byte {
            case 0x30...0x39: digit = byte - 0x30
            case 0x41...0x46: digit = byte - 0x37
            case 0x61...0x66: digit = byte - 0x57
            default: return nil
            }
            unit = unit << 4 | UInt32(digit)
        }
        index += 4
        return unit
    }

    private func utf8(_ scalar: UInt32) -> [UInt8] {
        func tail(_ shift: UInt32) -> UInt8 { 0x80 | UInt8(truncatingIfNeeded: (scalar >> shift) & 0x3F) }
        func head(_ mark: UInt8, _ shift: UInt32) -> UInt8 { mark | UInt8(truncatingIfNeeded: scalar >> shift) }
        switch scalar {
        case ..<0x20: return [0x20]
        case ..<0x80: return [UInt8(truncatingIfNeeded: scalar)]
        case ..<0x800: return [head(0xC0, 6), tail(0)]
        case ..<0x10000: return [head(0xE0, 12), tail(6), tail(0)]
        default: return [head(0xF0, 18), tail(12), tail(6), tail(0)]
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard index < bytes.count, bytes[index] == byte else { return false }
        index += 1
        return true
    }

    private mutating func skipSpace() {
        while index < bytes.count, bytes[index] == 0x20 || (bytes[index] >= 0x09 && bytes[index] <= 0x0D) { index += 1 }
    }
}
