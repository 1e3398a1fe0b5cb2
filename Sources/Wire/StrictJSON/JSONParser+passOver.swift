// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Checks the values that no caller needs as strictly as the others, but doesn't build them.
extension JSONParser {
    /// Skips one array or object; `level` is its nesting.
    mutating func passOver(level: Int) throws(JSONError) {
        guard level <= deepest else { throw .tooDeep }
        let isObject = next == UInt8(ascii: "{")
        let end = isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")
        position += 1
        skipSpace()
        if take(end) { return }
        while true {
            if isObject { try passOverKey() }
            try passOverValue(level: level + 1)
            skipSpace()
            if take(end) { return }
            guard take(UInt8(ascii: ",")) else { throw malformed }
        }
    }

    private mutating func passOverKey() throws(JSONError) {
        skipSpace()
        guard next == UInt8(ascii: "\"") else { throw malformed }
        try passOverString()
        skipSpace()
        guard take(UInt8(ascii: ":")) else { throw malformed }
    }

    private mutating func passOverValue(level: Int) throws(JSONError) {
        skipSpace()
        switch next {
        case UInt8(ascii: "{"), UInt8(ascii: "["): try passOver(level: level)
        case UInt8(ascii: "\""): try passOverString()
        case UInt8(ascii: "t"): _ = try literal("true", .null)
        case UInt8(ascii: "f"): _ = try literal("false", .null)
        case UInt8(ascii: "n"): _ = try literal("null", .null)
        default: try passOverNumber()
        }
    }

    private mutating func passOverString() throws(JSONError) {
        position += 1
        var unescaped: [UInt8] = []
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return
            case UInt8(ascii: "\\"):
                position += 1
                unescaped.removeAll(keepingCapacity: true)
                try escape(into: &unescaped)
            case 0..<0x20: throw malformed
            default: position += 1
            }
        }
        throw malformed
    }

    private mutating func passOverNumber() throws(JSONError) {
        _ = take(UInt8(ascii: "-"))
        let first = position
        try passOverDigits()
        if text[first] == UInt8(ascii: "0"), position - first > 1 { throw malformed }
        if take(UInt8(ascii: ".")) { try passOverDigits() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "-")) { _ = take(UInt8(ascii: "+")) }
            try passOverDigits()
        }
    }

    private mutating func passOverDigits() throws(JSONError) {
        let first = position
        while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
        guard position > first else { throw malformed }
    }
}
