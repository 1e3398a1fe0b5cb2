// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain

/// The body of a message after rule 4 has been applied to its bytes.
enum PayloadBody {
    case object(JSONObject)
    /// One of the words allowed on this topic, in lower case.
    case word(String)

    /// Bounds a payload in bytes as received (rule 4).
    static let largest = 65_536
    /// Bounds the nesting, the root being one level (rule 4).
    static let deepest = 32

    /// Reads a payload: one JSON object, or one of `words` (in lower case) without regard to ASCII case.
    ///
    /// The cost is about one look at each byte; an array is refused at its first byte.
    ///
    /// - Parameter nested: what to do with nested values, which few messages need.
    static func read(
        _ payload: [UInt8], words: [String] = [], nested: JSONParser.Nested = .kept
    ) throws(RefusalReason) -> PayloadBody {
        guard !payload.isEmpty else { throw .emptyPayload }
        guard payload.count <= largest else { throw .tooLarge }
        let text = stripped(payload)
        guard !text.isEmpty else { throw .emptyPayload }
        if let word = words.first(where: { isWord($0, text) }) { return .word(word) }
        guard text.first != UInt8(ascii: "[") else { throw .notAnObject }
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONParser.parse(text, depth: deepest, nested: nested)
        } catch {
            switch error {
            case .notUTF8: throw .notUTF8
            case .malformed: throw .notJSON
            case .tooDeep: throw .tooDeep
            }
        }
        guard case .object(let object) = value else { throw .notAnObject }
        return .object(object)
    }

    /// Returns the payload without a leading byte order mark, then without white space around it and NULs at its end,
    /// in any mixture.
    ///
    /// - Parameter limit: the number of bytes that are examined.
    static func stripped(_ payload: [UInt8], upTo limit: Int = .max) -> ArraySlice<UInt8> {
        var text = payload.prefix(limit)
        if text.starts(with: [0xEF, 0xBB, 0xBF]) { text = text.dropFirst(3) }
        text = text.drop(while: JSONParser.isSpace)
        while let last = text.last, last == 0 || JSONParser.isSpace(last) { text = text.dropLast() }
        return text
    }

    private static func isWord(_ word: String, _ text: ArraySlice<UInt8>) -> Bool {
        text.count == word.utf8.count
            && zip(text, word.utf8).allSatisfy { byte, letter in
                byte == letter || ((UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) && byte + 32 == letter)
            }
    }
}
