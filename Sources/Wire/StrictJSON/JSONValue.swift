// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain

/// One JSON value of RFC 8259.
package indirect enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case number(JSONNumber)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)
}

/// The members of a JSON object in the order of the text, including repeated keys.
///
/// Keys are compared byte by byte: Swift's `==` on strings would treat canonically equivalent keys as equal.
package struct JSONObject: Hashable, Sendable {
    package struct Member: Hashable, Sendable {
        package let key: String
        package let value: JSONValue

        package init(_ key: String, _ value: JSONValue) {
            self.key = key
            self.value = value
        }
    }

    package let members: [Member]

    package init(_ members: [Member]) {
        self.members = members
    }
}

extension JSONObject {
    /// The result of looking up a key. `null` always counts as missing (`wire/protocol.md` rule 2).
    enum Field {
        case missing
        case value(JSONValue)
        /// The key comes more than once, with any values.
        case repeated
    }

    func field(_ key: String) -> Field {
        var found: JSONValue?
        let length = key.utf8.count
        for member in members where member.key.utf8.count == length && member.key.utf8.elementsEqual(key.utf8) {
            guard found == nil else { return .repeated }
            found = member.value
        }
        switch found {
        case nil, .null: return .missing
        case .some(let value): return .value(value)
        }
    }

    /// Returns the value under a key that comes once and isn't null. A repeated optional key counts as invalid and
    /// gives nil.
    package func value(_ key: String) -> JSONValue? {
        guard case .value(let value) = field(key) else { return nil }
        return value
    }

    /// Whether one of these keys comes more than once (rule 4).
    func repeats(anyOf keys: [String]) -> Bool {
        keys.contains { key in
            if case .repeated = field(key) { true } else { false }
        }
    }
}

/// Reads optional fields: a value of the wrong type or out of range is dropped and gives nil (rule 2).
extension JSONObject {
    package func bool(_ key: String) -> Bool? {
        guard case .bool(let value) = value(key) else { return nil }
        return value
    }

    package func string(_ key: String) -> String? {
        guard case .string(let value) = value(key) else { return nil }
        return value
    }

    package func whole(_ key: String, in range: ClosedRange<Int64>) -> Int64? {
        guard case .number(let number) = value(key), let whole = number.whole, range.contains(whole) else { return nil }
        return whole
    }

    /// Returns text of at most `limit` bytes of UTF-8, cut on a character boundary.
    package func text(_ key: String, limit: Int) -> String? {
        string(key)?.prefix(bytes: limit)
    }
}

extension JSONValue {
    /// The id in a body: a string of plain digits or a number, 1…2⁶³−1 (rule 1); otherwise nil.
    package var id: Int64? {
        switch self {
        case .string(let text):
            guard let value = ASCIIDigits.value(of: text.utf8), value >= 1 else { return nil }
            return value
        case .number(let number):
            guard let value = number.whole, value >= 1 else { return nil }
            return value
        case .null, .bool, .array, .object: return nil
        }
    }
}

extension String {
    /// The text with `A`…`Z` in lower case and nothing else changed: rule 3 compares words this way.
    var asciiLowercased: String {
        String(
            decoding: utf8.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 + 32 : $0 },
            as: UTF8.self)
    }

    /// Whether the text is this lower-case word, without regard to ASCII case. It compares bytes, because Swift's `==`
    /// on strings would accept Unicode equivalents (the Kelvin sign for K).
    func isWord(_ word: String) -> Bool {
        asciiLowercased.utf8.elementsEqual(word.utf8)
    }
}
