// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Why a message was refused. The raw value is a short stable code: rows, logs, metrics and `consultease wire` name it,
/// and the `ack` to a dialect 2 unit contains it. The comments name the rules of `wire/protocol.md`.
package enum RefusalReason: String, Error, Sendable, CaseIterable {
    // Topic (rules 1, 11).
    case unknownTopic = "unknown-topic"
    /// The topic's form is known, but its id is invalid.
    case badIDInTopic = "bad-id-in-topic"
    /// Only the server publishes on this topic.
    case serverTopic = "server-topic"
    /// `faculty/{id}/status`, a copy.
    case mirrorTopic = "mirror-topic"
    /// A server published on a topic that only units use.
    case unitTopic = "unit-topic"

    // Bytes and JSON (rules 4, 10).
    /// The packet breaks the rules of MQTT, but the broker forwarded it.
    case unreadablePacket = "unreadable-packet"
    case emptyPayload = "empty-payload"
    case tooLarge = "too-large"
    case notUTF8 = "not-utf8"
    case notJSON = "not-json"
    case notAnObject = "not-an-object"
    case tooDeep = "too-deep"
    /// A deciding key is repeated.
    case repeatedKey = "repeated-key"

    // The sender (rules 1, 11).
    case namesNobody = "names-nobody"
    case badFacultyID = "bad-faculty-id"
    case otherFacultyID = "other-faculty-id"
    case unknownFaculty = "unknown-faculty"
    case unknownUnit = "unknown-unit"
    case unassignedUnit = "unassigned-unit"

    // Presence and order (rules 2, 3, 5, 6, 9).
    case badPresent = "bad-present"
    case badStatus = "bad-status"
    case unknownWord = "unknown-word"
    case contradiction
    case noPresence = "no-presence"
    case lateReplay = "late-replay"
    case retained
    case badMAC = "bad-mac"
    case unknownBeacon = "unknown-beacon"

    // Answers (rules 8, 14).
    case badResponseType = "bad-response-type"
    case badMessageID = "bad-message-id"
    /// The answer names no request, and not exactly one is waiting on its unit's screen.
    case unplacedAnswer = "unplaced-answer"
    case badConsultation = "bad-consultation"
    case unknownConsultation = "unknown-consultation"
    case othersConsultation = "others-consultation"
    /// The consultation's status doesn't allow the answer: the first one stands.
    case firstAnswerStands = "first-answer-stands"
    case badAnswer = "bad-answer"
    case badMinutes = "bad-minutes"

    // Dialect 2 (rules 11, 12, 15).
    case badBoot = "bad-boot"
    case badSeq = "bad-seq"
    case badType = "bad-type"
    case badOnline = "bad-online"
    /// The unit skipped more numbers of one boot than the server can remember.
    case tooManyGaps = "too-many-gaps"

    /// A QoS 0 message exceeded its unit's share of the queue, and was never judged.
    case displaced
    /// The message passed the rules, but the database refuses its values; this is never the unit's fault.
    case notStorable = "not-storable"

    // Messages of a server.
    /// The text doesn't begin with `CID:`, an id and ` From:`, or the object names no consultation.
    case noConsultation = "no-consultation"
}
