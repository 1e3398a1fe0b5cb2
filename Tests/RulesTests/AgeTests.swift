// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Rules
import Testing
import Wire

/// A unit of each dialect, which can report presence and its own life.
enum Speaker: CaseIterable {
    case oldUnit
    case newUnit

    func say(_ present: Bool, seq: Int, in room: inout Room) -> Verdict {
        switch self {
        case .oldUnit: room.status(#"{"present":\#(present)}"#)
        case .newUnit: room.event(#"{"boot":"b0000001","seq":\#(seq),"type":"presence","present":\#(present)}"#)
        }
    }

    func beat(seq: Int, in room: inout Room) {
        switch self {
        case .oldUnit: room.heartbeat("{}")
        case .newUnit: room.event(#"{"boot":"b0000001","seq":\#(seq),"type":"beat"}"#)
        }
    }

    var unit: String { self == .oldUnit ? "d1-1" : "desk-1" }
}

@Suite("Promise 9: a message that waited at the broker is no evidence of the present")
struct AgeTests {
    /// Returns a room in which faculty 1 has just been reported absent.
    private func room(_ speaker: Speaker) -> Room {
        var room = Room()
        room.forgetPresences()
        #expect(speaker.say(false, seq: 11, in: &room).acceptance != nil)
        #expect(room.shown() == .away)
        return room
    }

    @Test(arguments: Speaker.allCases, [Delivery.Age.unknown, .upTo(.minutes(60))])
    func somebodyWhoCameWhileNobodyReadIsUnknownUntilTheUnitSpeaks(_ speaker: Speaker, age: Delivery.Age) {
        var room = room(speaker)
        let heardAt = room.now
        room.wait(.minutes(60))
        room.age = age
        #expect(speaker.say(true, seq: 12, in: &room).acceptance?.present == true)
        #expect(room.shown() == .unknown)
        #expect(room.unit(speaker.unit)?.link.heardAt == heardAt)
        #expect(room.availability().lastEvidence == heardAt)

        room.age = .fresh
        room.wait(.seconds(1))
        speaker.beat(seq: 13, in: &room)
        #expect(room.shown() == .available)
        #expect(room.unit(speaker.unit)?.link.heardAt == room.now)
    }

    @Test(arguments: Speaker.allCases)
    func aShortlyQueuedMessageIsDatedAtItsEarliestSendTime(_ speaker: Speaker) {
        var room = room(speaker)
        room.wait(.minutes(2))
        room.age = .upTo(.seconds(40))
        #expect(speaker.say(true, seq: 12, in: &room).acceptance?.present == true)
        #expect(room.unit(speaker.unit)?.link.heardAt == room.now - .seconds(40))
        #expect(room.presence()?.evidenceAt == room.now - .seconds(40))
        #expect(room.shown() == .available)
        room.wait(.seconds(49))
        #expect(room.shown() == .available)
    }

    /// The messages of a unit arrive in the order of their sending.
    @Test(arguments: Speaker.allCases)
    func nothingIsDatedBeforeWhatTheUnitSaidBefore(_ speaker: Speaker) {
        var room = room(speaker)
        let heardAt = room.now
        room.wait(.seconds(10))
        room.age = .upTo(.minutes(60))
        #expect(speaker.say(true, seq: 12, in: &room).acceptance?.present == true)
        #expect(room.unit(speaker.unit)?.link.heardAt == heardAt)
        #expect(room.shown() == .available)
    }

    /// The age of these messages is unknown: the last one counts after the unit is heard, and proves nothing before.
    @Test(arguments: Speaker.allCases, [true, false])
    func theFirstWordsOfAUnitWaitForItsNext(_ speaker: Speaker, isPresent: Bool) {
        var room = Room()
        room.forgetPresences()
        if let id = UnitID(speaker.unit) { room.world.units[id]?.link.heardAt = nil }
        room.age = .unknown
        #expect(speaker.say(!isPresent, seq: 12, in: &room).acceptance?.present == !isPresent)
        #expect(speaker.say(isPresent, seq: 13, in: &room).acceptance?.present == isPresent)
        #expect(room.shown() == .unknown)
        #expect(room.unit(speaker.unit)?.link.heardAt == nil)
        #expect(room.availability().lastEvidence == nil)

        room.age = .fresh
        speaker.beat(seq: 14, in: &room)
        #expect(room.shown() == (isPresent ? .available : .away))
    }

    /// The desk had another unit before.
    @Test func theFirstWordOfAReplacementTakesThePlaceOfTheFormerUnits() throws {
        var room = room(.newUnit)
        let spare = try #require(UnitID("spare"))
        room.world.units[spare] = UnitFacts(dialect: .two, faculty: FacultyID(1))
        room.age = .unknown
        #expect(
            room.event(#"{"boot":"c0000001","seq":1,"type":"presence","present":true}"#, of: "spare").acceptance != nil)
        #expect(room.shown() == .unknown)
        room.age = .fresh
        #expect(room.event(#"{"boot":"c0000001","seq":2,"type":"beat"}"#, of: "spare").acceptance != nil)
        #expect(room.shown() == .available)
    }

    /// Power failed while no server read. The unit reported what it sensed after its restart, and its heartbeats tell
    /// of that restart.
    @Test(arguments: [true, false])
    func anOldUnitThatStartedAnewMeanwhileIsConfirmedByItsHeartbeat(wasPresent: Bool) {
        var room = Room()
        room.status(#"{"present":\#(wasPresent),"timestamp":7200000}"#)
        room.heartbeat(#"{"uptime":7200000}"#)
        room.wait(.minutes(60))
        room.age = .unknown
        #expect(room.status(#"{"present":true,"timestamp":25000}"#).acceptance?.present == true)
        room.age = .fresh
        room.wait(.seconds(60))
        room.heartbeat(#"{"uptime":2400000}"#)
        #expect(room.shown() == .available)
    }

    /// Both starts happened while no server read: the second start's messages are no late replay of the first's.
    @Test(arguments: [Delivery.Age.unknown, .upTo(.minutes(60))])
    func reportsOfTwoStartsOfAnOldUnitApplyInOrder(_ age: Delivery.Age) {
        var room = Room()
        room.status(#"{"present":true,"timestamp":28000000}"#)
        room.heartbeat(#"{"uptime":28000000}"#)
        room.wait(.minutes(60))
        room.age = age
        #expect(room.status(#"{"present":false,"timestamp":28800000}"#).acceptance?.present == false)
        #expect(room.status(#"{"present":true,"timestamp":20000}"#).acceptance?.present == true)
        #expect(room.status(#"{"present":false,"timestamp":1200000}"#).acceptance?.present == false)
        room.age = .fresh
        room.wait(.seconds(10))
        room.heartbeat(#"{"uptime":1800000}"#)
        #expect(room.shown() == .away)
        #expect(room.status(#"{"present":true,"timestamp":1810000}"#).acceptance?.present == true)
        #expect(room.shown() == .available)
    }

    /// The broker or the unit's connection restarts while the server is away for a moment.
    @Test(arguments: [Delivery.Age.unknown, .upTo(.seconds(30))])
    func aUnitThatCameBackAfterItsWillIsLive(_ age: Delivery.Age) {
        var room = room(.newUnit)
        room.wait(.seconds(25))
        room.age = age
        room.state(#"{"online":false,"boot":"b0000001"}"#)
        #expect(room.shown() == .unknown)
        room.state(#"{"online":true,"boot":"b0000001"}"#)
        #expect(room.unit("desk-1")?.link.isLive(at: room.now) == true)
        #expect(Speaker.newUnit.say(true, seq: 12, in: &room).acceptance?.present == true)
        #expect(room.shown() == .available)
    }

    /// Evidence that was read an hour late keeps its age when the unit is heard again.
    @Test func lastSeenIsNoMomentOfReading() {
        var room = room(.newUnit)
        let heardAt = room.now
        room.wait(.minutes(60))
        room.age = .unknown
        #expect(Speaker.newUnit.say(true, seq: 12, in: &room).acceptance != nil)
        #expect(room.availability().lastEvidence == heardAt)
        room.age = .fresh
        room.wait(.minutes(120))
        room.state(#"{"online":true,"boot":"b0000001"}"#)
        #expect(room.shown() == .unknown)
        #expect(room.availability().lastEvidence == heardAt)
    }

    /// After a silence it is unknown whether the same state held all the time.
    @Test func theSameAfterASilenceBeginsAnew() {
        var room = room(.newUnit)
        let since = room.presence()?.since
        room.wait(.seconds(30))
        room.age = .unknown
        #expect(Speaker.newUnit.say(false, seq: 12, in: &room).acceptance != nil)
        #expect(room.presence()?.since == since)
        room.wait(.minutes(60))
        #expect(Speaker.newUnit.say(false, seq: 13, in: &room).acceptance != nil)
        #expect(room.presence()?.since == room.now)
    }

    /// The unit has reported itself offline since: only a message that was certainly sent later ends that.
    @Test func aRepeatedMessageBringsNoUnitBack() {
        var room = room(.newUnit)
        room.wait(.seconds(5))
        #expect(room.state(#"{"online":false,"boot":"b0000001"}"#).acceptance != nil)
        let offlineSince = room.now
        room.wait(.seconds(5))
        room.age = .unknown
        #expect(Speaker.newUnit.say(true, seq: 12, in: &room).acceptance != nil)
        #expect(room.unit("desk-1")?.link.offlineSince == offlineSince)
        room.age = .upTo(.seconds(8))
        #expect(Speaker.newUnit.say(true, seq: 13, in: &room).acceptance != nil)
        #expect(room.unit("desk-1")?.link.offlineSince == offlineSince)
        #expect(room.shown() == .unknown)
        room.age = .upTo(.seconds(3))
        #expect(Speaker.newUnit.say(true, seq: 14, in: &room).acceptance != nil)
        #expect(room.shown() == .available)
    }

    @Test func anAnswerThatWaitedAnswersAndProvesNothingOfNow() {
        var room = room(.newUnit)
        room.wait(.minutes(60))
        room.age = .unknown
        let press = #"{"boot":"b0000001","seq":12,"type":"answer","consultation":42,"answer":"accept"}"#
        #expect(room.event(press).acceptance?.newStatus == .accepted)
        #expect(room.shown() == .unknown)
    }

    @Test func aHeartbeatThatWaitedTeachesNoRhythm() {
        var room = Room()
        for _ in 1...5 {
            room.heartbeat(#"{"uptime":5000}"#)
            room.wait(.seconds(60))
        }
        let (rhythm, start) = (room.unit("d1-1")?.rhythm, room.unit("d1-1")?.uptime.startedAt)
        room.age = .unknown
        room.wait(.seconds(10))
        room.heartbeat(#"{"uptime":9000}"#)
        #expect(room.unit("d1-1")?.rhythm == rhythm)
        #expect(room.unit("d1-1")?.uptime.startedAt == start)
    }
}
