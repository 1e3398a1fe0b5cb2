// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Many values as one text in JSON (RFC 8259), which the engines take apart again.
package enum JSONArray {
    /// `["a","b"]`. Throws if a text has a NUL character, as binding it alone would, or if a member has no form in
    /// JSON.
    package static func text(of members: [SQLValue]) throws(SQLError) -> String {
        var bytes: [UInt8] = []
        try append(members, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// `[["a","b"],["c","d"]]`. Throws as the other does.
    package static func text(of pairs: [SQLPair]) throws(SQLError) -> String {
        var bytes: [UInt8] = [UInt8(ascii: "[")]
        for (index, pair) in pairs.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            try append([pair.first, pair.second], to: &bytes)
        }
        bytes.append(UInt8(ascii: "]"))
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func append(_ members: [SQLValue], to bytes: inout [UInt8]) throws(SQLError) {
        bytes.append(UInt8(ascii: "["))
        for (index, member) in members.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            switch member {
            case .integer(let number): bytes.append(contentsOf: String(number).utf8)
            case .text(let text): try append(text, to: &bytes)
            case .null, .blob:
                throw SQLError(code: .statement, message: "a set holds integers and texts, no NULLs and no blobs")
            }
        }
        bytes.append(UInt8(ascii: "]"))
    }

    private static func append(_ text: String, to bytes: inout [UInt8]) throws(SQLError) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case 0:
                throw SQLError(code: .constraint, message: "a text has a NUL character in it, which no column takes")
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0x01..<0x20:
                bytes.append(contentsOf: "\\u00\(byte < 0x10 ? "0" : "")\(String(byte, radix: 16))".utf8)
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
