// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain

extension RefusalReason {
    /// The reason as a sentence for an operator. The rule numbers are those of docs/protocol.md.
    var explanation: String {
        switch self {
        case .unknownTopic: "no desk unit or server speaks on this topic (rule 1)."
        case .badIDInTopic: "what stands in the topic in the place of the id is none (rule 1)."
        case .serverTopic: "only the server publishes there; from others it is never believed."
        case .mirrorTopic: "this topic repeats a unit's status, which would be applied twice."
        case .unitTopic: "only desk units publish there."
        case .unreadablePacket:
            "the MQTT packet breaks a rule that the broker should have held its sender to (rule 10)."
        case .emptyPayload: "the payload is empty: a retained value being cleared (rule 4)."
        case .tooLarge: "the payload is larger than 64 KiB (rule 4)."
        case .notUTF8: "the payload is no valid UTF-8 (rule 4)."
        case .notJSON: "the payload is no valid JSON (rule 4)."
        case .notAnObject: "the payload is JSON, but no object (rule 4)."
        case .tooDeep: "the payload is nested deeper than 32 levels (rule 4)."
        case .repeatedKey: "a key that decides comes twice (rule 4)."
        case .namesNobody: "the message names no person, and no unit is configured as its sender (rule 1)."
        case .badFacultyID: "faculty_id is no id: a whole number from 1, or such digits as text (rule 1)."
        case .otherFacultyID: "faculty_id in the body is another than in the topic (rule 1)."
        case .unknownFaculty: "no person has this faculty id. Add them: consultease faculty add --id …"
        case .unknownUnit: "no desk unit of this name is registered (rule 11)."
        case .unassignedUnit: "this desk unit is assigned to no person (rule 11)."
        case .badPresent: "present must be true or false, without quotes (rule 2)."
        case .badStatus: "status has the wrong type or is missing (rules 1, 2, 9)."
        case .unknownWord: "no known word of presence, and nothing else that says it (rules 3, 9)."
        case .contradiction: "present and status contradict each other (rule 3)."
        case .noPresence: "it says nothing about presence (rule 3)."
        case .lateReplay: "its uptime is lower than one already applied: a late replay (rule 5)."
        case .retained: "a retained copy is no evidence here (rules 6, 15)."
        case .badMAC: "mac must be 12 hex digits; only faculty_absent may leave it out (rule 9)."
        case .unknownBeacon: "this beacon is not registered for this faculty member (rule 9)."
        case .badResponseType: "response_type is no answer (rule 8)."
        case .badMessageID: "message_id is no id (rule 8)."
        case .unplacedAnswer: "the answer names no request, and not exactly one waits on the unit's screen (rule 8)."
        case .badConsultation: "consultation is no id (rule 11)."
        case .unknownConsultation: "there is no such consultation (rule 8)."
        case .othersConsultation: "the consultation is addressed to another person (rule 8)."
        case .firstAnswerStands: "the consultation's status doesn't allow it: the first answer stands (rule 8)."
        case .badAnswer: "answer must be accept, later, busy or decline (rule 14)."
        case .badMinutes: "later needs minutes from 1 to 480 (rule 11)."
        case .badBoot: "boot must be 8 to 32 lower-case hex digits (rules 11, 15)."
        case .badSeq: "seq must be a whole number from 1 (rule 11)."
        case .badType: "type is unknown, or its fields can't be read (rule 11)."
        case .badOnline: "online must be true or false (rule 15)."
        case .tooManyGaps: "the unit has skipped more numbers of this boot than can be remembered (rule 12)."
        case .displaced: "the sender says more at QoS 0 than its share of the queue holds: it was never read."
        case .notStorable: "the message is sound, but the database refused it. See `consultease doctor`."
        case .noConsultation: "it names no consultation, so no desk unit shows it."
        }
    }
}
