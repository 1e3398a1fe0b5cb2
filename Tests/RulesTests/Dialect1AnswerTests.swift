// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Rules
import Testing
import Wire

/// Rule 8.
@Suite("Dialect 1: answers")
struct Dialect1AnswerTests {
    @Test(arguments: [
        ("ACKNOWLEDGE", ConsultationStatus.accepted), ("Accepted", .accepted), ("BUSY", .busy), ("unavailable", .busy),
        ("REJECTED", .declined), ("dEcLiNeD", .declined),
    ])
    func aPendingConsultationTakesAnAnswer(word: String, status: ConsultationStatus) {
        var room = Room()
        room.forgetPresences()
        let outcome = room.respond(#"{"response_type":"\#(word)","message_id":"42","faculty_present":false}"#).outcome
        #expect(
            outcome
                == CorpusLine.Outcome(
                    accepted: true, faculty: FacultyID(1), consultation: ConsultationID(42), newStatus: status))
        #expect(room.consultation(42)?.status == status)
        #expect(room.consultation(42)?.answeredAt == room.now)
        #expect(room.presence()?.state == .present)
        #expect(room.presence()?.source == .button)
    }

    @Test(arguments: [
        (#""42""#, Int64(42)), ("42", 42), ("42.0", 42), ("4.2e1", 42), ("420e-1", 42),
    ])
    func messageIDIsAnID(id: String, consultation: Int64) {
        var room = Room()
        let outcome = room.respond(#"{"response_type":"BUSY","message_id":\#(id)}"#).outcome
        #expect(outcome.accepted && outcome.consultation == ConsultationID(consultation))
    }

    /// A bad `timestamp` is no reason to refuse a press (rule 2); the stored press holds the part that a database
    /// takes.
    @Test func aTimestampWithANULIsKeptWithoutIt() {
        func press(_ timestamp: String) -> DeskResponse? {
            let payload = #"{"response_type":"BUSY","message_id":"42","timestamp":"\#(timestamp)"}"#
            let delivery = Delivery(
                topic: "consultease/faculty/1/responses", payload: Array(payload.utf8), isRetained: false,
                arrivedAt: Room.noon)
            guard case .response(let response) = Message(decoding: delivery).content else { return nil }
            return response
        }
        let presses = [#"7\u0000a"#, #"7\u0000a"#, #"7\u0000b"#, "7"].map { press($0)?.applied.timestamp }
        #expect(presses == ["7\u{FFFD}a", "7\u{FFFD}a", "7\u{FFFD}b", "7"])
        var room = Room()
        let answer = #"{"response_type":"BUSY","message_id":"42","timestamp":"7\u0000a"}"#
        #expect(room.respond(answer).outcome.accepted)
        #expect(room.consultation(42)?.status == .busy)
    }

    @Test(arguments: [
        #""""#, "0", "-42", "42.9", #""042""#, #"" 42""#, #""42.0""#, #""+42""#, #""CID42""#, "true", "[42]", "{}",
        "null",
        "9223372036854775808", #""9223372036854775808""#, "1e400", #""4_""#, #""_4""#, #""4_2_1""#, #""4_x""#, #""４２""#,
    ])
    func anythingElseIsNoID(id: String) {
        var room = Room()
        let verdict = room.respond(#"{"response_type":"BUSY","message_id":\#(id)}"#)
        #expect(verdict.reason == .badMessageID)
        #expect(verdict.outcome.consultation == nil)
    }

    @Test(
        arguments: [
            (#"{"message_id":42}"#, RefusalReason.badResponseType, Int64(42)),
            (#"{"message_id":42,"response_type":null}"#, .badResponseType, 42),
            (#"{"message_id":42,"response_type":1}"#, .badResponseType, 42),
            (#"{"message_id":42,"response_type":"TEST"}"#, .badResponseType, 42),
            (#"{"message_id":42,"response_type":"BUSY","faculty_id":2}"#, .otherFacultyID, 42),
            (#"{"message_id":45,"response_type":"BUSY"}"#, .firstAnswerStands, 45),
            (#"{"message_id":44,"response_type":"DECLINED"}"#, .firstAnswerStands, 44),
            (#"{"message_id":42,"response_type":"COMPLETED"}"#, .firstAnswerStands, 42),
            (#"{"message_id":50,"response_type":"BUSY"}"#, .othersConsultation, 50),
            (#"{"message_id":4242,"response_type":"BUSY"}"#, .unknownConsultation, 4242),
            (#"{"message_id":42,"message_id":42,"response_type":"BUSY"}"#, .repeatedKey, nil),
            (#"{"message_id":42,"response_type":"BUSY","response_type":"BUSY"}"#, .repeatedKey, nil),
            (#"{"message_id":"1_2","response_type":"BUSY"}"#, .unplacedAnswer, nil), ("BUSY", .notJSON, nil),
        ] as [(String, RefusalReason, Int64?)])
    func isRefused(payload: String, reason: RefusalReason, consultation: Int64?) {
        var room = Room()
        let verdict = room.respond(payload)
        #expect(verdict.reason == reason)
        #expect(verdict.outcome.consultation == consultation.flatMap { ConsultationID($0) })
        #expect(room.world == Fixture.world(at: room.now))
    }

    @Test func keysThatDecideElsewhereMayComeTwice() {
        var room = Room()
        let payload =
            #"{"response_type":"BUSY","message_id":42,"status":1,"status":2,"present":1,"present":2,"mac":1,"mac":2}"#
        #expect(room.respond(payload).acceptance?.newStatus == .busy)
    }

    @Test func anAcceptedConsultationIsCompletedOnce() {
        var room = Room()
        #expect(room.respond(#"{"response_type":"completed","message_id":44}"#).acceptance?.newStatus == .completed)
        #expect(
            room.respond(#"{"response_type":"COMPLETED","message_id":44,"timestamp":"9"}"#).acceptance?.newStatus == nil
        )
        #expect(room.respond(#"{"response_type":"ACKNOWLEDGE","message_id":44}"#).reason == .firstAnswerStands)
    }

    @Test(arguments: [("ACKNOWLEDGE", "ACCEPTED"), ("BUSY", "UNAVAILABLE"), ("REJECTED", "DECLINED")])
    func aSynonymIsADuplicate(first: String, second: String) {
        var room = Room()
        room.respond(#"{"response_type":"\#(first)","message_id":42}"#)
        let answeredAt = room.consultation(42)?.answeredAt
        room.wait(.seconds(9))
        let acceptance = room.respond(#"{"response_type":"\#(second)","message_id":42}"#).acceptance
        #expect(acceptance?.isDuplicate == true)
        #expect(acceptance?.newStatus == nil)
        #expect(room.consultation(42)?.answeredAt == answeredAt)
    }

    @Test func aPressThatComesAgainAfterABusyRequestWaitsAnewIsADuplicate() {
        var room = Room()
        let press = #"{"response_type":"BUSY","message_id":"42","timestamp":"612345"}"#
        #expect(room.respond(press).acceptance?.newStatus == .busy)
        room.setStatus(of: 42, .pending)
        #expect(room.respond(press.replacing("BUSY", with: "busy")).acceptance?.isDuplicate == true)
        #expect(room.consultation(42)?.status == .pending)
        #expect(room.respond(press.replacing("612345", with: "700000")).acceptance?.newStatus == .busy)
    }

    // MARK: An id that a unit invents

    @Test(arguments: [(2, Int64(50)), (3, 70), (4, 61), (5, 1)])
    func anInventedIDMeansTheOneRequestOnTheScreen(faculty: Int, consultation: Int64) {
        var room = Room()
        let outcome = room.respond(#"{"response_type":"ACKNOWLEDGE","message_id":"612345_0042"}"#, of: faculty).outcome
        #expect(outcome.newStatus == .accepted)
        #expect(outcome.consultation == ConsultationID(consultation))
    }

    @Test func aRetainedPressNamesNothingThatIsOnTheScreenToday() {
        var room = Room()
        let verdict = room.respond(#"{"response_type":"BUSY","message_id":"1_2"}"#, of: 2, retained: true)
        #expect(verdict.reason == .retained)
        #expect(verdict.outcome.consultation == nil)
        #expect(
            room.respond(#"{"response_type":"COMPLETED","message_id":"1_2"}"#, of: 2).outcome.consultation?.rawValue
                == 50)
    }

    @Test func anInventedIDIsNotPlacedAmongTwoOrNone() {
        var room = Room()
        let press = #"{"response_type":"ACKNOWLEDGE","message_id":"612345_4821","timestamp":"1"}"#
        #expect(room.respond(press).reason == .unplacedAnswer)
        room.respond(#"{"response_type":"ACKNOWLEDGE","message_id":42}"#)
        #expect(room.respond(press).outcome.consultation == ConsultationID(43))
        let again = room.respond(press)
        #expect(again.acceptance?.isDuplicate == true)
        #expect(again.outcome.consultation == nil)
        #expect(room.respond(press.replacing("4821", with: "4822")).reason == .unplacedAnswer)
    }

    @Test func aPressThatComesAgainDoesNotAnswerANewerRequest() {
        var room = Room()
        let press = #"{"response_type":"BUSY","message_id":"612345_4821","timestamp":"615000"}"#
        #expect(room.respond(press, of: 2).outcome.consultation == ConsultationID(50))
        room.addRequest(51, of: 2)
        #expect(room.respond(press, of: 2).acceptance?.isDuplicate == true)
        #expect(room.consultation(51)?.status == .pending)
    }

    // MARK: A press as evidence

    @Test(arguments: [
        (#""40000""#, false), ("40000", false), (#""48211""#, true), (#""1749259687000""#, true), ("null", true),
        (#""x""#, true), (#""1500""#, true),
    ])
    func aLatePressAnswersButProvesNoPresence(timestamp: String, provesPresence: Bool) {
        var room = Room()
        room.status(#"{"present":false,"timestamp":48211}"#)
        room.wait(.seconds(2))
        let verdict = room.respond(#"{"response_type":"BUSY","message_id":42,"timestamp":\#(timestamp)}"#)
        #expect(verdict.outcome.newStatus == .busy)
        #expect(verdict.outcome.present == nil)
        #expect(room.presence()?.state == (provesPresence ? .present : .absent))
        #expect(room.unit("d1-1")?.link.heardAt == room.now)
    }

    @Test func aPressDoesNotTakeTheBeaconsPlace() {
        var room = Room()
        room.status(#"{"present":true}"#)
        room.wait(.seconds(5))
        room.respond(#"{"response_type":"BUSY","message_id":42}"#)
        #expect(room.presence()?.source == .beacon)
        #expect(room.presence()?.evidenceAt == room.now)
    }

    @Test func aRefusedPressProvesNothing() {
        var room = Room()
        room.status(#"{"present":false}"#)
        room.respond(#"{"response_type":"BUSY","message_id":45}"#)
        #expect(room.presence()?.state == .absent)
    }
}
