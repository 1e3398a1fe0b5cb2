// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Randomness
import Rules
import Testing
import Wire

/// Tests the server's messages: their encoding by the protocol, and their reading by the unit.
@Suite("Server to unit")
struct ServerMessageTests {
    @Test func theTextHasItsForm() throws {
        let message = TextMessage(
            consultation: try #require(ConsultationID(42)), student: "Noël Peña", studentNumber: "9", text: "Salamat po"
        )
        #expect(String(decoding: message.encoded, as: UTF8.self) == "CID:42 From:Noël Peña (SID:9): Salamat po")
    }

    @Test(arguments: ["é", "😀", "a", "e\u{301}"], [UInt64](1...4))
    func theTextIsCutOnACharacterBoundary(character: String, seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let text =
            String(repeating: "x", count: Int.random(in: 0...5, using: &generator))
            + String(repeating: character, count: 700)
        let message = TextMessage(
            consultation: try #require(ConsultationID(.max)), student: "A", studentNumber: "7", text: text)
        #expect(message.encoded.count <= TextMessage.largest && message.encoded.count > TextMessage.largest - 4)
        #expect(String(validating: message.encoded, as: UTF8.self) != nil)
    }

    @Test(arguments: [
        ("Ana (SID:1): yes CID:9 From:Dean", "7", "hi"), ("Ana", "7): CID:9", "hi"),
        ("Ana\nCID:9 From:B", "7\u{0}", "a\r\nb"),
        ("Ana", "7", "see also CID:50 From:Dean (SID:1): approve"), ("Ana", "7", "cid::50 froM:Dean sid:::1):"),
        (String(repeating: "N", count: 900), String(repeating: "9", count: 900), "t"),
        ("Ana\u{2028}", "7", "\u{85}x\u{1B}[2J"),
    ])
    func nothingThatAStudentWroteForgesASeparator(student: String, number: String, text: String) throws {
        let consultation = try #require(ConsultationID(42))
        let message = TextMessage(consultation: consultation, student: student, studentNumber: number, text: text)
        let sent = String(decoding: message.encoded, as: UTF8.self)
        for separator in ["CID:", "From:", "(SID:", "):"] {
            #expect(sent.lowercased().components(of: separator.lowercased()) == 2, "\(separator) in \(sent)")
        }
        #expect(!sent.unicodeScalars.contains { $0.properties.generalCategory == .control || $0 == "\u{2028}" })
        #expect(TextMessage.consultation(in: message.encoded) == consultation)
        #expect(message.encoded.count <= TextMessage.largest)
    }

    @Test(
        arguments: [
            ("CID:42 From:Ana", Int64(42)), ("CID:1 From:", 1), ("CID:42 From:x CID:43 From:y", 42),
            ("CID:042 From:x", nil),
            ("CID:0 From:x", nil), ("CID: From: (SID:): ", nil), ("cid:42 From:x", nil), (" CID:42 From:x", nil),
            ("CID:42 from:x", nil),
            ("CID:42  From:x", nil), ("CID:42From:x", nil), ("CID:9223372036854775808 From:x", nil),
            ("CID:4x From:", nil),
            ("", nil),
        ] as [(String, Int64?)])
    func aReaderTakesTheFirstCID(text: String, consultation: Int64?) {
        let outcome = judgeServer("consultease/faculty/1/messages", text)
        #expect(outcome.accepted == (consultation != nil))
        #expect(outcome.consultation == consultation.flatMap { ConsultationID($0) })
        #expect(outcome.faculty == FacultyID(1))
    }

    @Test func aReaderDoesNotMindACharacterThatWasCut() {
        let payload = Array("CID:42 From:é".utf8).dropLast()
        let delivery = Delivery(
            topic: "consultease/faculty/1/messages", payload: Array(payload), isRetained: false, arrivedAt: Room.noon)
        #expect(ServerMessage(decoding: delivery).refusal == nil)
    }

    @Test(
        arguments: [
            ("consultease/faculty/1/requests", #"{"id":42}"#, true, Int64(42)),
            ("consultease/faculty/1/requests", #"{"id":"42"}"#, true, 42),
            ("consultease/faculty/1/requests", #"{"id":0}"#, false, nil),
            ("consultease/faculty/1/requests", #"{"id":42,"id":42}"#, false, nil),
            ("consultease/faculty/1/requests", "[]", false, nil),
            (
                "consultease/faculty/1/cancellations", #"{"type":"consultation_cancelled","consultation_id":42}"#, true,
                42
            ),
            ("consultease/faculty/1/cancellations", #"{"type":"cancelled","consultation_id":42}"#, false, 42),
            ("consultease/faculty/1/cancellations", #"{"consultation_id":42}"#, false, 42),
            (
                "consultease/faculty/1/cancellations", #"{"type":"consultation_cancelled","consultation_id":"CID42"}"#,
                false, nil
            ),
            ("consultease/faculty/1/status_update", #"{"type":"faculty_status","faculty_id":1}"#, true, nil),
            ("consultease/faculty/1/status_update", #"{"type":"faculty_status"}"#, false, nil),
            ("consultease/faculty/1/status_update", #"{"type":"status","faculty_id":1}"#, false, nil),
            ("consultease/faculty/1/status", #"{"present":true}"#, false, nil),
            ("consultease/faculty/1/heartbeat", "{}", false, nil),
            ("consultease/faculty/1/responses", #"{"message_id":42,"response_type":"BUSY"}"#, false, 42),
            (
                "consultease/v2/unit/desk-1/command", #"{"type":"cancel","consultation":42,"reason":"student"}"#, true,
                42
            ),
            ("consultease/v2/unit/desk-1/command", #"{"type":"dance"}"#, false, nil),
            ("consultease/v2/unit/desk-1/event", #"{"boot":"b0000001","seq":11,"type":"beat"}"#, false, nil),
        ] as [(String, String, Bool, Int64?)])
    func otherTopicsTakeTheirObject(topic: String, payload: String, accepted: Bool, consultation: Int64?) {
        let outcome = judgeServer(topic, payload)
        #expect(outcome.accepted == accepted)
        #expect(outcome.consultation == consultation.flatMap { ConsultationID($0) })
        #expect(outcome.faculty == FacultyID(1))
    }

    @Test func theSharedTopicsBodyNamesTheFacultyMember() {
        let body = #"{"type":"faculty_status","faculty_id":3,"status":true}"#
        #expect(judgeServer("consultease/system/notifications", body).faculty == FacultyID(3))
        #expect(judgeServer("professor/messages", body) == CorpusLine.Outcome(accepted: false))
    }

    @Test func anEncodedPacketIsAccepted() throws {
        let (consultation, faculty) = (try #require(ConsultationID(42)), try #require(FacultyID(1)))
        let request = ServerNotice.Request(
            id: consultation, student: try #require(StudentID(7)), studentName: "Ana \"A\" Cruz\n",
            studentDepartment: "CS",
            faculty: faculty, facultyName: "Dr. O'Neil", message: "\u{1}\\", courseCode: nil, status: .pending,
            requestedAt: Room.noon)
        let cancellation = ServerNotice.Cancellation(
            consultation: consultation, studentName: "Ana", courseCode: "CS101", cancelledAt: Room.noon)
        let status = ServerNotice.FacultyStatus(
            faculty: faculty, facultyName: "Dr. O'Neil", status: true, previousStatus: false, revision: Revision(12),
            timestamp: Room.noon, version: 1)
        for (topic, payload) in [
            ("requests", request.encoded), ("cancellations", cancellation.encoded), ("status_update", status.encoded),
        ] {
            let delivery = Delivery(
                topic: "consultease/faculty/1/\(topic)", payload: payload, isRetained: false, arrivedAt: Room.noon)
            #expect(ServerMessage(decoding: delivery).refusal == nil, "\(topic)")
        }
        #expect(String(decoding: request.encoded, as: UTF8.self).contains(#""requested_at":"2026-11-24T12:00:00Z""#))
        #expect(String(decoding: status.encoded, as: UTF8.self).contains(#""sequence":12"#))
    }

    @Test func commandsAreReadBack() throws {
        let unit = try #require(UnitID("desk-1"))
        let boot = try #require(BootID("9f2c41d0"))
        let consultation = try #require(ConsultationID(42))
        let commands: [UnitCommand] = [
            .ack(UnitReply(unit: unit, boot: boot, seq: 12, result: .stored)),
            .ack(UnitReply(unit: unit, boot: boot, seq: .max, result: .duplicate)),
            .ack(UnitReply(unit: unit, boot: boot, seq: 1, result: .refused(.firstAnswerStands))),
            .show(
                UnitCommand.Show(
                    consultation: consultation, student: "Ana", topic: "Thesis", text: "\"?\"", askedAt: Room.noon,
                    position: 1, of: 3)),
            .cancel(consultation, reason: "student"), .queue([consultation]), .queue([]),
            .status(.inConsultation, until: nil), .status(.busy, until: Room.noon),
            .config(
                UnitCommand.Config(
                    version: 3, name: "Desk", beacons: [try #require(BeaconAddress("AABBCCDDEE01"))], rssiMin: -90,
                    awayAfterSeconds: 60, isQuiet: true)),
            .time(now: Room.noon, offsetMinutes: -480),
        ]
        for command in commands {
            #expect(UnitCommand(payload: command.encoded, unit: unit) == command)
        }
        #expect(
            String(decoding: commands[2].encoded, as: UTF8.self)
                == #"{"type":"ack","boot":"9f2c41d0","seq":1,"result":"refused","reason":"first-answer-stands"}"#)
    }

    private func judgeServer(_ topic: String, _ payload: String) -> CorpusLine.Outcome {
        let delivery = Delivery(topic: topic, payload: Array(payload.utf8), isRetained: false, arrivedAt: Room.noon)
        return Judge.judge(ServerMessage(decoding: delivery), in: Fixture.world(at: Room.noon)).outcome
    }
}

extension String {
    /// Returns the number of parts into which a separator splits the text.
    fileprivate func components(of separator: String) -> Int {
        split(separator: separator, omittingEmptySubsequences: false).count
    }
}
