// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain

/// A press of a button on a dialect 1 unit, received on `responses` (rule 8).
package struct DeskResponse: Hashable, Sendable {
    package var action: ConsultationAction
    package var reference: Reference
    /// The fields that identify the same press if it arrives again.
    package var applied: AppliedAnswer
    /// Uptime in ms, 0…2³²−1, sent as a string or a number; nil if it is missing or invalid.
    package var timestamp: Int64?

    /// The consultation that a response names.
    package enum Reference: Hashable, Sendable {
        case consultation(ConsultationID)
        /// One generation of units sends an invented `uptime_random`: it means the only request on the unit's screen.
        case whateverIsOnScreen
    }

    static let decidingKeys = ["faculty_id", "message_id", "response_type"]

    init(_ object: JSONObject, unit: UnitID) throws(RefusalReason) {
        guard case .string(let type) = object.value("response_type"), let action = Self.action(of: type) else {
            throw .badResponseType
        }
        guard let reference = Reference(object) else { throw .badMessageID }
        self.action = action
        self.reference = reference
        applied = AppliedAnswer(
            unit: unit, messageID: object.asSent("message_id"), responseType: type.asciiUppercased,
            timestamp: object.asSent("timestamp"))
        timestamp =
            switch object.value("timestamp") {
            case .string(let text):
                ASCIIDigits.value(of: text.utf8).flatMap { uptimeRange.contains($0) ? $0 : nil }
            default: object.whole("timestamp", in: uptimeRange)
            }
    }

    private static func action(of type: String) -> ConsultationAction? {
        switch type.asciiLowercased {
        case "acknowledge", "accepted": .accept
        case "busy", "unavailable": .busy
        case "rejected", "declined": .decline
        case "completed": .complete
        default: nil
        }
    }
}

extension DeskResponse.Reference {
    /// Returns nil if `message_id` is neither an id nor `uptime_random` (digits, `_`, digits).
    init?(_ object: JSONObject) {
        guard let value = object.value("message_id") else { return nil }
        if let id = value.id.flatMap({ ConsultationID($0) }) {
            self = .consultation(id)
            return
        }
        guard case .string(let text) = value else { return nil }
        let parts = text.utf8.split(separator: UInt8(ascii: "_"), omittingEmptySubsequences: false)
        let isDigit: (UInt8) -> Bool = { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(isDigit) }) else { return nil }
        self = .whateverIsOnScreen
    }
}

extension JSONObject {
    /// Returns a string as sent or a number in its canonical form, bounded; empty if the value is neither. U+FFFD
    /// replaces a NUL: no database column takes a NUL, and a bad `timestamp` is no reason to refuse a press (rule 2).
    fileprivate func asSent(_ key: String) -> String {
        switch value(key) {
        case .string(let text): text.withoutNULs.prefix(bytes: 64)
        case .number(let number): number.description.prefix(bytes: 64)
        default: ""
        }
    }
}

extension String {
    fileprivate var withoutNULs: String {
        guard utf8.contains(0) else { return self }
        return String(String.UnicodeScalarView(unicodeScalars.map { $0 == "\0" ? "\u{FFFD}" : $0 }))
    }

    var asciiUppercased: String {
        String(
            decoding: utf8.map { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) ? $0 - 32 : $0 },
            as: UTF8.self)
    }
}
