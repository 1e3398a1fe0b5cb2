// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain

/// Makes samples of refused payloads that may be stored and shown: bounded, one line, without names or request text.
package enum RefusalSample {
    /// Bounds a sample, in bytes of UTF-8.
    package static let largest = 256
    /// Bounds a topic, in bytes of UTF-8.
    package static let largestTopic = 128
    /// The number of bytes of a payload that are examined.
    static let mostSeen = 512

    /// The keys whose text describes the event and never a person. All other text is masked, since an unknown firmware
    /// may put a name anywhere.
    private static let plainKeys: Set<String> = [
        "answer", "beacon", "boot", "consultation", "consultation_id", "current_time", "faculty_id", "fw", "id", "mac",
        "message_id", "ntp_status", "ntp_sync_status", "presence_status", "reason", "requested_at", "response_method",
        "response_type", "result", "seq", "status", "student_id", "timestamp", "type",
    ]

    /// Longer text under a plain key is neither a word nor an id, so it is masked too.
    private static let longestPlainText = 40

    /// Returns at most 256 bytes. In JSON all texts are masked; a single word is shown as it is; broken JSON is shown
    /// up to the first place for a name or a text; of anything else only the length is shown. Control characters are
    /// escaped, and invalid UTF-8 is replaced.
    package static func masked(_ payload: [UInt8]) -> String {
        guard payload.count <= mostSeen else {
            return bounded(maskLoose(PayloadBody.stripped(payload, upTo: mostSeen), of: payload.count))
        }
        let body = PayloadBody.stripped(payload)
        if let value = try? JSONParser.parse(body, depth: PayloadBody.deepest) {
            return bounded(mask(value, under: nil).text)
        }
        return bounded(maskLoose(body, of: body.count))
    }

    /// Returns a topic in a form that may be stored and shown: bounded, one line.
    package static func topic(_ text: String) -> String {
        escaped(Array(text.prefix(bytes: largestTopic).utf8)[...]).prefix(bytes: largestTopic)
    }

    /// Returns the text in ASCII, other characters as `\u{…}`, so that any database can store it.
    package static func inASCII(_ text: String) -> String {
        var result = ""
        for scalar in text.prefix(bytes: largest).unicodeScalars {
            switch scalar.value {
            case 0x20..<0x7F: result.unicodeScalars.append(scalar)
            default: result += "\\u{\(String(scalar.value, radix: 16))}"
            }
        }
        return bounded(result)
    }

    private static func mask(_ value: JSONValue, under key: String?) -> JSONValue {
        switch value {
        case .null, .bool, .number: return value
        case .string(let text):
            let isPlain = key.map { plainKeys.contains($0.asciiLowercased) } ?? false
            return isPlain && text.utf8.count <= longestPlainText ? value : .string(marker(text.utf8.count))
        case .array(let elements): return .array(elements.map { mask($0, under: key) })
        case .object(let object):
            return .object(JSONObject(object.members.map { .init(maskKey($0.key), mask($0.value, under: $0.key)) }))
        }
    }

    /// Shows a key if it looks like a firmware's word, and masks it otherwise.
    private static func maskKey(_ key: String) -> String {
        isWordLike(Array(key.utf8)[...]) ? key : marker(key.utf8.count)
    }

    /// Masks a payload that isn't valid JSON: a single word is shown, and broken JSON up to the first place for a name
    /// or a text.
    ///
    /// - Parameter count: the size of the whole payload in bytes; `body` may be only its beginning.
    private static func maskLoose(_ body: ArraySlice<UInt8>, of count: Int) -> String {
        if count == body.count, isWordLike(body) { return escaped(body) }
        let isJSONLike = body.first == UInt8(ascii: "{") || body.first == UInt8(ascii: "[")
        let end = isJSONLike ? endOfPlainJSON(body) : body.startIndex
        let rest = count - (end - body.startIndex)
        return escaped(body[..<end]) + (rest > 0 ? marker(rest) : "")
    }

    private static func isWordLike(_ text: ArraySlice<UInt8>) -> Bool {
        text.count <= longestPlainText && text.allSatisfy(isWordByte)
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: ":"):
            true
        default: false
        }
    }

    /// Scans from text to text. A text before a colon is a key, and is kept if it looks like one; a text after a plain
    /// key is kept if it looks like a word. The sample ends at the first other text, or if anything but JSON stands
    /// between two texts.
    private static func endOfPlainJSON(_ body: ArraySlice<UInt8>) -> Int {
        var position = body.startIndex
        var key: String?
        while let open = body[position...].firstIndex(of: UInt8(ascii: "\"")) {
            guard isStructure(body[position..<open]) else { return position }
            guard let close = body[(open + 1)...].firstIndex(of: UInt8(ascii: "\"")) else { return open }
            let text = body[(open + 1)..<close]
            let isKey = body[(close + 1)...].first { !JSONParser.isSpace($0) } == UInt8(ascii: ":")
            guard isWordLike(text) else { return open }
            if isKey {
                key = String(decoding: text, as: UTF8.self).asciiLowercased
            } else {
                guard let plain = key, plainKeys.contains(plain) else { return open }
                key = nil
            }
            position = close + 1
        }
        return isStructure(body[position...]) ? body.endIndex : position
    }

    /// Whether these bytes may stand between two texts: a colon and one bare word or number, then brackets, commas and
    /// digits.
    private static func isStructure(_ gap: ArraySlice<UInt8>) -> Bool {
        var rest = gap.drop(while: JSONParser.isSpace)
        if rest.first == UInt8(ascii: ":") {
            rest = rest.dropFirst().drop(while: JSONParser.isSpace).drop(while: isWordByte)
        }
        return rest.allSatisfy { "{}[],.+-0123456789".utf8.contains($0) || JSONParser.isSpace($0) }
    }

    private static func escaped(_ bytes: ArraySlice<UInt8>) -> String {
        var result = ""
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            switch scalar.value {
            case 0..<0x20, 0x7F:
                result += "\\x" + String(decoding: JSONValue.hexDigits(of: UInt8(scalar.value)), as: UTF8.self)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func marker(_ count: Int) -> String { "[masked \(count)]" }

    private static func bounded(_ text: String) -> String { text.prefix(bytes: largest) }
}
