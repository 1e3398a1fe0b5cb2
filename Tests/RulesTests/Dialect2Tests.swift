// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Rules
import Testing
import Wire

/// Rules 11 to 17.
@Suite("Dialect 2")
struct Dialect2Tests {
    static let current = #""boot":"b0000001""#

    @Test(arguments: [
        (#""seq":11,"type":"presence","present":true"#, true),
        (#""seq":1.1e1,"type":"PRESENCE","present":false"#, false),
        (#""seq":99,"type":"presence","present":false,"rssi":"x","grace":1,"beacon":7,"up":-1"#, false),
        (#""seq":11,"type":"presence","present":true,"minutes":1,"minutes":2,"rssi":1,"rssi":2"#, true),
        (#""seq":9223372036854775807,"type":"presence","present":false"#, false),
        (#""seq":11,"type":"presence","present":true,"nobody":{"knows":[1]},"faculty_id":9"#, true),
    ])
    func presenceIsApplied(fields: String, present: Bool) {
        var room = Room()
        let acceptance = room.event("{\(Self.current),\(fields)}").acceptance
        #expect(acceptance?.present == present)
        #expect(acceptance?.faculty == FacultyID(1))
        #expect(acceptance?.reply?.result == .stored)
        #expect(room.presence()?.state == PresenceState(isPresent: present))
    }

    @Test(arguments: [
        #"{"seq":11,"type":"beat"}"#, #"{"boot":null,"seq":11,"type":"beat"}"#,
        #"{"boot":"b000001","seq":11,"type":"beat"}"#,
        #"{"boot":"b000000g","seq":11,"type":"beat"}"#, #"{"boot":11111111,"seq":11,"type":"beat"}"#,
        #"{"boot":"0123456789abcdef0123456789abcdef0","seq":11,"type":"beat"}"#,
        #"{"boot":"b0000001","type":"beat"}"#, #"{"boot":"b0000001","seq":"11","type":"beat"}"#,
        #"{"boot":"b0000001","seq":11.5,"type":"beat"}"#, #"{"boot":"b0000001","seq":-1,"type":"beat"}"#,
        #"{"boot":"b0000001","seq":0,"type":"beat"}"#, #"{"boot":"b0000001","seq":9223372036854775808,"type":"beat"}"#,
        #"{"boot":"b0000001","seq":null,"type":"beat"}"#, #"{"boot":"b0000001","seq":11,"seq":11,"type":"beat"}"#,
        #"{"boot":"b0000001","boot":"b0000001","seq":11,"type":"beat"}"#, "[]", "", "beat",
    ])
    func thereIsNothingToAcknowledge(payload: String) {
        var room = Room()
        let verdict = room.event(payload)
        #expect(verdict.reason != nil)
        #expect(verdict.reply == nil)
        #expect(room.world == Fixture.world(at: room.now))
    }

    @Test(arguments: [
        (#""type":"reboot""#, RefusalReason.badType), (#""type":null"#, .badType), (#""type":1"#, .badType),
        (#""x":1"#, .badType),
        (#""type":"presence""#, .badPresent), (#""type":"presence","present":"true""#, .badPresent),
        (#""type":"presence","present":1"#, .badPresent), (#""type":"shown""#, .badConsultation),
        (#""type":"shown","consultation":"042""#, .badConsultation),
        (#""type":"shown","consultation":50"#, .othersConsultation),
        (#""type":"shown","consultation":4242"#, .unknownConsultation),
        (#""type":"answer","consultation":42"#, .badAnswer),
        (#""type":"answer","consultation":42,"answer":"maybe""#, .badAnswer),
        (#""type":"answer","answer":"accept""#, .badConsultation),
        (#""type":"answer","consultation":42,"answer":true"#, .badAnswer),
        (#""type":"answer","consultation":45,"answer":"busy""#, .firstAnswerStands),
        (#""type":"answer","consultation":44,"answer":"decline""#, .firstAnswerStands),
        (#""type":"answer","consultation":42,"answer":"ACKNOWLEDGE""#, .badAnswer),
        (#""type":"answer","consultation":42,"answer":"accept","answer":"accept""#, .repeatedKey),
        (#""type":"presence","present":true,"present":true"#, .repeatedKey),
        (#""type":"beat","type":"beat""#, .repeatedKey),
        (#""type":"answer","consultation":42,"answer":"later","minutes":5,"minutes":5"#, .repeatedKey),
    ])
    func refusalIsAcknowledgedAndNotRemembered(fields: String, reason: RefusalReason) {
        var room = Room()
        let verdict = room.event(#"{"boot":"b0000001","seq":11,\#(fields)}"#)
        #expect(verdict.reason == reason)
        #expect(verdict.reply?.result == .refused(reason))
        #expect(verdict.reply?.seq == 11)
        #expect(room.world == Fixture.world(at: room.now))
        #expect(room.event(#"{"boot":"b0000001","seq":11,"type":"beat"}"#).reply?.result == .stored)
    }

    @Test(arguments: [("1", 1), ("480", 480), ("1e1", 10), ("10.0", 10), ("4800e-1", 480)] as [(String, Int64)])
    func laterKeepsItsMinutes(minutes: String, value: Int64) {
        var room = Room()
        let payload =
            #"{"boot":"b0000001","seq":11,"type":"answer","consultation":"42","answer":"Later","minutes":\#(minutes)}"#
        #expect(room.event(payload).acceptance?.newStatus == .accepted)
        #expect(room.consultation(42)?.minutes == value)
    }

    @Test(arguments: ["0", "481", "-1", "1.5", #""10""#, "null", "true", "1e400", "[]"])
    func laterNeedsItsMinutes(minutes: String) {
        var room = Room()
        let later =
            #"{"boot":"b0000001","seq":11,"type":"answer","consultation":42,"answer":"later","minutes":\#(minutes)}"#
        #expect(room.event(later).reason == .badMinutes)
        #expect(room.event(later.replacing("later", with: "busy")).acceptance?.newStatus == .busy)
        #expect(room.consultation(42)?.minutes == nil)
    }

    @Test(arguments: [("accept", ConsultationStatus.accepted), ("BUSY", .busy), ("decline", .declined)])
    func theSameAnswerAgainIsADuplicateAndAnotherIsRefused(word: String, status: ConsultationStatus) {
        var room = Room()
        let answer = { (seq: Int, word: String) in
            #"{"boot":"b0000001","seq":\#(seq),"type":"answer","consultation":42,"answer":"\#(word)"}"#
        }
        #expect(room.event(answer(11, word)).acceptance?.newStatus == status)
        let again = room.event(answer(12, word)).acceptance
        #expect(again?.newStatus == nil && again?.isDuplicate == true && again?.reply?.result == .stored)
        #expect(room.event(answer(13, word == "accept" ? "busy" : "accept")).reason == .firstAnswerStands)
        #expect(room.consultation(42)?.status == status)
    }

    @Test func aSeenEventChangesNothing() {
        var room = Room()
        let press = #"{"boot":"b0000001","seq":11,"type":"answer","consultation":42,"answer":"busy"}"#
        room.event(press)
        let presence = room.presence()
        room.wait(.seconds(10))
        let again = room.event(#"{"boot":"b0000001","seq":11,"type":"answer","consultation":43,"answer":"accept"}"#)
        #expect(again.acceptance?.isDuplicate == true)
        #expect(again.reply?.result == .duplicate)
        #expect(again.outcome.consultation == ConsultationID(43))
        #expect(room.consultation(43)?.status == .pending)
        #expect(room.presence() == presence)
        #expect(room.unit("desk-1")?.link.heardAt == room.now)
        #expect(room.event(#"{"boot":"a0000001","seq":4,"type":7}"#).reply?.result == .duplicate)
    }

    @Test func gapsAreAllowedAndCounted() {
        var room = Room()
        room.event(#"{"boot":"b0000001","seq":15,"type":"beat"}"#)
        #expect(room.unit("desk-1")?.gaps == 4)
        room.event(#"{"boot":"b0000001","seq":12,"type":"beat"}"#)
        #expect(room.unit("desk-1")?.gaps == 3)
        room.event(#"{"boot":"c0000001","seq":3,"type":"beat"}"#)
        #expect(room.unit("desk-1")?.gaps == 5)
    }

    @Test func aUnitThatSkipsWithoutEndIsRefused() {
        var room = Room()
        for index in 1..<SequenceSet.largestRangeCount {
            #expect(room.event(#"{"boot":"b0000001","seq":\#(10 + index * 2),"type":"beat"}"#).reason == nil)
        }
        let before = room.world
        #expect(room.event(#"{"boot":"b0000001","seq":9999,"type":"beat"}"#).reason == .tooManyGaps)
        #expect(room.world == before)
        #expect(room.event(#"{"boot":"b0000001","seq":11,"type":"beat"}"#).reason == nil)
    }

    // MARK: Order and boots

    @Test func aLatePresenceIsAcknowledgedAndNotApplied() {
        var room = Room()
        room.event(#"{"boot":"b0000001","seq":15,"type":"presence","present":true}"#)
        let late = room.event(#"{"boot":"b0000001","seq":13,"type":"presence","present":false}"#).acceptance
        #expect(late?.present == nil && late?.reply?.result == .stored)
        #expect(room.presence()?.state == .present)
    }

    @Test func aNewBootEndsTheFormerOne() {
        var room = Room()
        room.event(#"{"boot":"c0000001","seq":1,"type":"beat"}"#)
        #expect(room.unit("desk-1")?.currentBoot == BootID("c0000001"))
        #expect(room.shown() == .unknown, "the former boot's word is a last word")
        #expect(
            room.event(#"{"boot":"b0000001","seq":11,"type":"presence","present":false}"#).acceptance?.present == nil)
        #expect(room.presence()?.state == .present)
        #expect(
            room.event(#"{"boot":"c0000001","seq":2,"type":"presence","present":false}"#).acceptance?.present == false)
        #expect(room.shown() == .away)
    }

    @Test func aNewBootMidWayIsANewBoot() {
        var room = Room()
        #expect(
            room.event(#"{"boot":"c0000001","seq":40,"type":"presence","present":false}"#).acceptance?.present == false)
        #expect(
            room.event(#"{"boot":"c0000001","seq":39,"type":"presence","present":true}"#).acceptance?.present == nil)
    }

    @Test func anAnswerOfAnOlderBootAnswersButProvesNoPresence() {
        var room = Room()
        room.event(#"{"boot":"b0000001","seq":11,"type":"presence","present":false}"#)
        room.event(#"{"boot":"a0000001","seq":5,"type":"answer","consultation":43,"answer":"busy"}"#)
        #expect(room.consultation(43)?.status == .busy)
        #expect(room.presence()?.state == .absent)
    }

    @Test func aPressAndAPresenceAreOrderedByTheirNumbers() {
        let press = #"{"boot":"b0000001","seq":12,"type":"answer","consultation":42,"answer":"busy"}"#
        let before = #"{"boot":"b0000001","seq":11,"type":"presence","present":false}"#
        let after = #"{"boot":"b0000001","seq":13,"type":"presence","present":false}"#
        var (pressed, left) = (Room(), Room())
        for event in [press, before] { pressed.event(event) }
        for event in [after, press] { left.event(event) }
        #expect(pressed.presence()?.state == .present)
        #expect(left.presence()?.state == .absent)
        #expect(left.consultation(42)?.status == .busy)
    }

    @Test func aFlatBeaconsOwnerIsPresentByAPress() {
        var room = Room()
        room.event(#"{"boot":"b0000001","seq":11,"type":"presence","present":false}"#)
        room.event(#"{"boot":"b0000001","seq":12,"type":"answer","consultation":42,"answer":"accept"}"#)
        #expect(room.presence()?.source == .button)
        #expect(room.shown() == .available)
    }

    @Test func shownIsNotedOnceAndClosedConsultationsStayAsTheyAre() {
        var room = Room()
        room.event(#"{"boot":"b0000001","seq":11,"type":"shown","consultation":42}"#)
        let shownAt = room.now
        #expect(room.consultation(42)?.shownAt == shownAt)
        #expect(room.consultation(42)?.onScreenOf == UnitID("desk-1"))
        room.wait(.seconds(5))
        room.event(#"{"boot":"b0000001","seq":12,"type":"shown","consultation":42}"#)
        #expect(room.consultation(42)?.shownAt == shownAt)
        let closed = room.consultation(45)
        #expect(room.event(#"{"boot":"b0000001","seq":13,"type":"shown","consultation":45}"#).reason == nil)
        #expect(room.consultation(45) == closed)
    }

    // MARK: Silence

    @Test func ninetySecondsWithoutAnEventAndTheWordIsALastWord() {
        var room = Room()
        room.event(#"{"boot":"b0000001","seq":11,"type":"presence","present":true}"#)
        room.wait(.seconds(89))
        #expect(room.shown() == .available)
        room.wait(.seconds(1))
        #expect(room.shown() == .unknown)
        room.event(#"{"boot":"b0000001","seq":12,"type":"beat"}"#)
        #expect(room.shown() == .available, "no gap: nothing was missed")
    }

    @Test func aGapLeavesTheLastWordUnconfirmedUntilItIsFilled() {
        var room = Room()
        room.wait(.seconds(100))
        room.event(#"{"boot":"b0000001","seq":12,"type":"beat"}"#)
        #expect(room.shown() == .unknown)
        room.event(#"{"boot":"b0000001","seq":13,"type":"beat"}"#)
        #expect(room.shown() == .unknown)
        room.event(#"{"boot":"b0000001","seq":11,"type":"beat"}"#)
        #expect(room.shown() == .available)
    }

    @Test func aRepeatedEventIsASignOfLifeButConfirmsNothing() {
        var room = Room()
        room.wait(.seconds(100))
        room.event(#"{"boot":"b0000001","seq":10,"type":"presence","present":true}"#)
        #expect(room.unit("desk-1")?.link.isLive(at: room.now) == true)
        #expect(room.shown() == .unknown)
    }

    // MARK: State

    @Test(
        arguments: [#"{"online":false,"boot":"b0000001"}"#, #"{"online":false}"#, #"{"online":false,"boot":null}"#],
        [false, true])
    func theWillIsBelievedAtOnce(payload: String, isRetained: Bool) {
        var room = Room()
        let verdict = room.state(payload, retained: isRetained)
        #expect(verdict.outcome == CorpusLine.Outcome(accepted: true, faculty: FacultyID(1)))
        #expect(room.unit("desk-1")?.link.offlineSince == room.now)
        #expect(room.shown() == .unknown)
        room.wait(.seconds(1))
        room.event(#"{"boot":"b0000001","seq":11,"type":"beat"}"#)
        #expect(room.shown() == .available)
    }

    @Test func theWillOfAnOlderBootIsIgnored() {
        var room = Room()
        #expect(room.state(#"{"online":false,"boot":"a0000001"}"#).reason == nil)
        #expect(room.world == Fixture.world(at: room.now))
    }

    @Test(arguments: [
        (#"{"online":"false","boot":"b0000001"}"#, RefusalReason.badOnline), (#"{"boot":"b0000001"}"#, .badOnline),
        (#"{"online":null}"#, .badOnline),
        (#"{"online":1}"#, .badOnline), (#"{"online":true}"#, .badBoot), (#"{"online":true,"boot":null}"#, .badBoot),
        (#"{"online":true,"boot":"B0000001"}"#, .badBoot), (#"{"online":false,"boot":7}"#, .badBoot),
        (#"{"online":false,"online":false}"#, .repeatedKey),
        (#"{"online":true,"boot":"b0000001","boot":"b0000001"}"#, .repeatedKey),
        ("", .emptyPayload), ("offline", .notJSON),
    ])
    func aBadStateIsRefused(payload: String, reason: RefusalReason) {
        var room = Room()
        #expect(room.state(payload).reason == reason)
        #expect(room.world == Fixture.world(at: room.now))
    }

    @Test func keysThatDecideOnEventsMayComeTwiceInAState() {
        var room = Room()
        #expect(room.state(#"{"online":false,"seq":1,"seq":2,"present":1,"present":2,"fw":1,"fw":2}"#).reason == nil)
    }

    // MARK: Units

    @Test func unitsMustBeKnownAndAssigned() {
        var room = Room()
        let beat = #"{"boot":"b0000001","seq":11,"type":"beat"}"#
        #expect(room.event(beat, of: "desk-77").reason == .unknownUnit)
        #expect(room.event(beat, of: "desk-77").reply == nil)
        #expect(room.event("{", of: "desk-77").reason == .unknownUnit)
        #expect(room.event(beat, of: "desk-9").reason == .unassignedUnit)
        #expect(room.event(beat, of: "desk-9").reply?.result == .refused(.unassignedUnit))
        #expect(room.state(#"{"online":false}"#, of: "desk-9").reason == .unassignedUnit)
        room.archive(1)
        #expect(room.event(beat).reason == .unknownFaculty)
        #expect(room.event(beat).outcome.faculty == FacultyID(1))
    }

    @Test func aRetainedEventIsRefusedAndNotAnswered() {
        var room = Room()
        let verdict = room.event(#"{"boot":"b0000001","seq":11,"type":"shown","consultation":42}"#, retained: true)
        #expect(verdict.reason == .retained)
        #expect(verdict.reply == nil)
        #expect(verdict.outcome.consultation == ConsultationID(42))
        #expect(room.event(#"{"boot":"b0000001","seq":10,"type":"beat"}"#, retained: true).reason == .retained)
    }
}
