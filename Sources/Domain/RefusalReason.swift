// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Why a message was refused. The raw value is our own short stable code: rows, logs, metrics and `consultease wire`
/// name it, and a unit of dialect 2 is told it. The rules meant are those of `wire/protocol.md`.
package enum RefusalReason: String, Error, Sendable, CaseIterable {
    // Topic (rules 1, 11).
    case unknownTopic = "unknown-topic"
    /// The topic's form is known, but its id is none.
    case badIDInTopic = "bad-id-in-topic"
    /// Published by us, never believed from others.
    case serverTopic = "server-topic"
    /// `faculty/{id}/status`, a copy.
    case mirrorTopic = "mirror-topic"
    /// A server's message on a topic that only units speak on.
    case unitTopic = "unit-topic"

    // Bytes and JSON (rules 4, 10).
    /// The packet breaks the rules of MQTT, and the broker forwarded it all the same.
    case unreadablePacket = "unreadable-packet"
    case emptyPayload = "empty-payload"
    case tooLarge = "too-large"
    case notUTF8 = "not-utf8"
    case notJSON = "not-json"
    case notAnObject = "not-an-object"
    case tooDeep = "too-deep"
    /// A key that decides comes twice.
    case repeatedKey = "repeated-key"

    // Who (rules 1, 11).
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
    /// An answer that names no request, while not exactly one is waiting on its unit's screen.
    case unplacedAnswer = "unplaced-answer"
    case badConsultation = "bad-consultation"
    case unknownConsultation = "unknown-consultation"
    case othersConsultation = "others-consultation"
    /// The consultation's status doesn't allow it: the first answer stands.
    case firstAnswerStands = "first-answer-stands"
    case badAnswer = "bad-answer"
    case badMinutes = "bad-minutes"

    // Dialect 2 (rules 11, 12, 15).
    case badBoot = "bad-boot"
    case badSeq = "bad-seq"
    case badType = "bad-type"
    case badOnline = "bad-online"
    /// The unit skipped more numbers of one boot than can be remembered.
    case tooManyGaps = "too-many-gaps"

    /// A QoS 0 message beyond its sender's share of the queue: it was never read.
    case displaced
    /// It passed, but the database refuses what it says: never the sender's fault.
    case notStorable = "not-storable"

    // A server's message.
    /// Its text doesn't begin with `CID:`, an id and ` From:`; or its object names no consultation.
    case noConsultation = "no-consultation"
}
