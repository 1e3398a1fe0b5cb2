// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain

/// The query of a request's target, decoded as HTML forms encode it. Unknown parameters are ignored.
struct Query: Sendable {
    private let pairs: [(name: String, value: String?)]

    /// The longest value, in Unicode scalars, that a parameter may have.
    static let longestValue = 200

    init(_ text: String?) {
        pairs = (text ?? "").split(separator: "&").compactMap { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = parts.first.flatMap({ FormEncoding.decode($0) }) else { return nil }
            return (name, parts.count == 2 ? FormEncoding.decode(parts[1]) : "")
        }
    }

    /// The value of a parameter; nil if it isn't given. Refused if it is given twice, too long or wrongly encoded.
    func value(_ name: String) throws(Problem) -> String? {
        let given = pairs.filter { $0.name == name }
        guard let first = given.first else { return nil }
        guard given.count == 1 else { throw .malformed(name, "give it once.") }
        guard let value = first.value else {
            throw .malformed(name, "encode it as UTF-8 and percent-encode the bytes.")
        }
        guard value.unicodeScalars.count <= Self.longestValue else {
            throw .malformed(name, "give at most \(Self.longestValue) characters.")
        }
        return value
    }

    /// `department`, which scopes lists and streams alike. Empty, as a form sends it, means all.
    func department() throws(Problem) -> String? {
        try value("department").flatMap { $0.isEmpty ? nil : $0 }
    }

    func revision(_ name: String) throws(Problem) -> RevisionTag? {
        guard let text = try value(name) else { return nil }
        return try RevisionTag(given: text, as: name)
    }
}

extension RevisionTag {
    /// Reads a revision that came from outside; a refusal names `field`.
    init(given text: String, as field: String) throws(Problem) {
        guard let tag = RevisionTag(text) else {
            throw .malformed(field, "give a revision as this server writes them: lineage, hyphen, number.")
        }
        self = tag
    }
}

/// `application/x-www-form-urlencoded`, one name or value at a time.
enum FormEncoding {
    /// Nil if a percent sign isn't followed by two hexadecimal digits, or the bytes are no UTF-8.
    static func decode(_ text: some StringProtocol, plusIsSpace: Bool = true) -> String? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        var rest = text.utf8.makeIterator()
        while let byte = rest.next() {
            switch byte {
            case UInt8(ascii: "+") where plusIsSpace:
                bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.next().flatMap(digit), let low = rest.next().flatMap(digit) else { return nil }
                bytes.append(high << 4 | low)
            default:
                bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// Everything but letters, digits, `-`, `.`, `_` and `~` as percent and two digits.
    static func encode(_ text: String) -> String {
        let hexadecimal = Array("0123456789ABCDEF")
        return text.utf8.reduce(into: "") { encoded, byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                encoded += "%\(hexadecimal[Int(byte >> 4)])\(hexadecimal[Int(byte & 15)])"
            }
        }
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
