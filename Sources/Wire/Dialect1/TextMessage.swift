// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain

/// The text on `messages` with which a dialect 1 unit shows a request: `CID:{id} From:{student} (SID:{number}):
/// {text}`.
///
/// The unit splits the text at fixed separators and keeps 512 bytes, so a student's text must not contain a separator.
package struct TextMessage: Hashable, Sendable {
    package var consultation: ConsultationID
    package var student: String
    package var studentNumber: String
    package var text: String

    package init(consultation: ConsultationID, student: String, studentNumber: String, text: String) {
        self.consultation = consultation
        self.student = student
        self.studentNumber = studentNumber
        self.text = text
    }

    /// The number of bytes that a unit keeps.
    package static let largest = 512

    /// Encodes at most 512 bytes of valid UTF-8, cut on a character boundary. Names and text lose control characters,
    /// and the colons of the separators `CID:`, `From:`, `(SID:` and `):`. A name is cut at 64 bytes and a number at
    /// 32, so that the header always fits.
    package var encoded: [UInt8] {
        let name = Self.harmless(student, limit: 64, dropping: "():")
        let number = Self.harmless(studentNumber, limit: 32, dropping: "():")
        let body = Self.harmless(text, limit: Self.largest, dropping: "")
        return Array("CID:\(consultation) From:\(name) (SID:\(number)): \(body)".prefix(bytes: Self.largest).utf8)
    }

    private static func harmless(_ text: String, limit: Int, dropping: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            // Line and paragraph separators also break lines on some displays.
            case .control, .lineSeparator, .paragraphSeparator: scalars.append(" ")
            default: if !dropping.unicodeScalars.contains(scalar) { scalars.append(scalar) }
            }
        }
        return String(withoutSeparators(scalars)).prefix(bytes: limit)
    }

    /// Removes the colon from every `CID:`, `From:` and `SID:`, in any case, and from `):`.
    private static func withoutSeparators(_ scalars: String.UnicodeScalarView) -> String.UnicodeScalarView {
        var result = String.UnicodeScalarView()
        var tail: [UInt8] = []
        for scalar in scalars {
            let byte = UInt8(exactly: scalar.value) ?? 0
            if scalar == ":", Self.separatorHeads.contains(where: { tail.suffix($0.count).elementsEqual($0) }) {
                continue
            }
            result.append(scalar)
            tail.append((UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte + 32 : byte)
            if tail.count > 8 { tail.removeFirst() }
        }
        return result
    }

    private static let separatorHeads = ["cid", "from", "sid", ")"].map { Array($0.utf8) }

    /// Returns the consultation that a unit reads: the text must begin with `CID:`, an id and ` From:`. The bytes after
    /// that are ignored, because a unit may have cut them anywhere.
    package static func consultation(in payload: [UInt8]) -> ConsultationID? {
        let head = Array("CID:".utf8)
        guard payload.starts(with: head) else { return nil }
        let digits = payload[head.count...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard payload[digits.endIndex...].starts(with: " From:".utf8) else { return nil }
        return ASCIIDigits.value(of: digits).flatMap { ConsultationID($0) }
    }
}
