// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain

/// A refused payload as it may be kept and shown: bounded, one line, without names and request text.
package enum RefusalSample {
    /// Bytes of UTF-8.
    package static let largest = 256
    /// Of a topic, so many bytes of UTF-8.
    package static let largestTopic = 128
    /// So many bytes of a payload are looked at, however large it is.
    static let mostSeen = 512

    /// The keys whose text says what happened and nothing about anybody. Every other text is masked, since a firmware
    /// is unknown may put a name anywhere.
    private static let plainKeys: Set<String> = [
        "answer", "beacon", "boot", "consultation", "consultation_id", "current_time", "faculty_id", "fw", "id", "mac",
        "message_id", "ntp_status", "ntp_sync_status", "presence_status", "reason", "requested_at", "response_method",
        "response_type", "result", "seq", "status", "student_id", "timestamp", "type",
    ]

    /// Longer text under a plain key is no word or id, so it is masked too.
    private static let longestPlainText = 40

    /// At most 256 bytes. JSON is shown with its texts masked; a single word as it is; broken JSON up to where a name
    /// or a text could begin; of anything else only the length. Control characters are escaped, bytes that are no UTF-8
    /// replaced.
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

    /// A topic as it may be kept and shown: bounded, one line.
    package static func topic(_ text: String) -> String {
        escaped(Array(text.prefix(bytes: largestTopic).utf8)[...]).prefix(bytes: largestTopic)
    }

    /// The same with everything but ASCII written as `\u{…}`: what any database can hold.
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

    /// Keys are a firmware's words, unless they don't look like any.
    private static func maskKey(_ key: String) -> String {
        isWordLike(Array(key.utf8)[...]) ? key : marker(key.utf8.count)
    }

    /// What can't be read as JSON: a single word is shown, and broken JSON up to where a name or a text could begin.
    ///
    /// - Parameter count: how many bytes the whole has; `body` may be its beginning.
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

    /// Goes from text to text. A text that a colon follows is a key and is kept if it looks like one; one behind a
    /// plain key is kept if it looks like a word; the first other text, or anything else than JSON between two, ends
    /// what is shown.
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

    /// What may stand between two texts: a colon and one bare word or number behind it, then brackets, commas and
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
