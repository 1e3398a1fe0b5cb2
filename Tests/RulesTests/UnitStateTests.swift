// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Rules
import Testing
import Wire

/// Tests rules 13 to 17: a `state` is no event.
@Suite("Promise 9: a unit's state is no report of presence")
struct UnitStateTests {
    private static let connected = #"{"online":true,"boot":"b0000001"}"#
    private static let startedAnew = #"{"online":true,"boot":"c0000001"}"#

    /// Returns a room in which faculty 1's unit has just reported the person present, in the boot b0000001.
    private func room() -> Room {
        var room = Room()
        room.event(#"{"boot":"b0000001","seq":11,"type":"presence","present":true}"#)
        #expect(room.shown() == .available)
        return room
    }

    @Test func connectingAgainEndsOfflineAndRenewsNothing() {
        var room = room()
        let heardAt = room.now
        room.wait(.seconds(20))
        room.state(#"{"online":false,"boot":"b0000001"}"#)
        #expect(room.state(Self.connected, retained: true).reason == nil)
        #expect(room.unit("desk-1")?.link.isLive(at: room.now) == false)
        #expect(room.state(Self.connected).acceptance?.present == nil)
        #expect(room.unit("desk-1")?.link == UnitLink(heardAt: heardAt))
        #expect(room.shown() == .unknown, "only an event confirms the word")
        room.wait(.seconds(5))
        room.event(#"{"boot":"b0000001","seq":12,"type":"beat"}"#)
        #expect(room.shown() == .available)
    }

    @Test func connectingAgainInTheSameBootCastsNoDoubt() {
        var room = room()
        room.wait(.seconds(20))
        room.state(Self.connected)
        #expect(room.shown() == .available)
        room.wait(.seconds(69))
        #expect(room.shown() == .available)
        room.wait(.seconds(1))
        #expect(room.shown() == .unknown, "90 s after the last event")
    }

    /// The state is retained or live, and its boot is known or unknown: in each case it isn't the boot of the presence.
    @Test(arguments: [
        (#"{"online":true,"boot":"c0000001"}"#, false), (#"{"online":true,"boot":"c0000001"}"#, true),
        (#"{"online":false,"boot":"c0000001"}"#, false), (#"{"online":false,"boot":"c0000001"}"#, true),
        (#"{"online":true,"boot":"a0000001"}"#, false),
    ])
    func aStateOfAnotherBootMakesTheWordALastWordAtOnce(payload: String, isRetained: Bool) {
        var room = room()
        let heardAt = room.now
        room.wait(.seconds(10))
        #expect(
            room.state(payload, retained: isRetained).outcome
                == CorpusLine.Outcome(accepted: true, faculty: FacultyID(1)))
        #expect(room.presence()?.isVerified == false)
        #expect(room.presence()?.state == .present)
        #expect(room.shown() == .unknown)
        #expect(room.availability().since == heardAt)
        #expect(room.unit("desk-1")?.link.heardAt == heardAt)
        #expect(room.unit("desk-1")?.currentBoot == BootID("b0000001"))
    }

    /// The broker may send it again at any time, and may keep it for any time.
    @Test(arguments: [
        (#"{"online":false,"boot":"a0000001"}"#, false), (#"{"online":false,"boot":"a0000001"}"#, true),
        (#"{"online":true,"boot":"a0000001"}"#, true), (#"{"online":true,"boot":"b0000001"}"#, true),
    ])
    func aStateOfAnOlderBootChangesNothing(payload: String, isRetained: Bool) {
        var room = room()
        let before = room.world
        #expect(room.state(payload, retained: isRetained).reason == nil)
        #expect(room.world == before)
    }

    @Test func aUnitThatStartsOverAndOverAndSaysNothingIsUnknown() {
        var room = room()
        for index in 0..<30 {
            room.wait(.seconds(60))
            room.state(#"{"online":true,"boot":"c00000\#(10 + index)"}"#)
            #expect(room.shown() == .unknown)
        }
        #expect(room.unit("desk-1")?.link.isLive(at: room.now) == false)
        #expect(room.world.boots.count == Fixture.world(at: room.now).boots.count + 1, "one is enough to remember")
    }

    @Test func aUnitThatWasNeverHeardIsNotHeardByConnecting() {
        var room = Room()
        if let unit = UnitID("desk-1") { room.world.units[unit] = UnitFacts(dialect: .two, faculty: FacultyID(1)) }
        room.state(Self.startedAnew)
        #expect(room.unit("desk-1")?.link.heardAt == nil)
        #expect(room.unit("desk-1")?.link.liveness(at: room.now) == .neverHeard)
    }

    // MARK: What confirms

    @Test func onlyThePresenceOfTheNewBootConfirms() {
        var room = room()
        room.state(Self.startedAnew)
        room.event(#"{"boot":"c0000001","seq":1,"type":"beat"}"#)
        #expect(room.unit("desk-1")?.link.isLive(at: room.now) == true)
        #expect(room.unit("desk-1")?.announcedBoot == nil)
        #expect(room.shown() == .unknown)
        room.event(#"{"boot":"c0000001","seq":2,"type":"presence","present":true}"#)
        #expect(room.shown() == .available)
    }

    /// A unit keeps the presses of its last boot, and sends them first: their age is unknown.
    @Test(arguments: [Delivery.Age.fresh, .upTo(.seconds(40)), .unknown])
    func eventsOfTheFormerStartApplyAndProveNothingOfNow(_ age: Delivery.Age) {
        var room = room()
        room.wait(.seconds(10))
        room.age = age
        room.state(Self.startedAnew)
        let press = #"{"boot":"b0000001","seq":12,"type":"answer","consultation":42,"answer":"accept"}"#
        #expect(room.event(press).acceptance?.newStatus == .accepted)
        #expect(room.shown() == .unknown)
        let late = room.event(#"{"boot":"b0000001","seq":13,"type":"presence","present":false}"#).acceptance
        #expect(late?.present == false, "no event of another boot has ended this one")
        #expect(room.presence()?.state == .absent && room.shown() == .unknown)
        room.event(#"{"boot":"b0000001","seq":14,"type":"beat"}"#)
        #expect(room.shown() == .unknown)
        room.age = .fresh
        room.event(#"{"boot":"c0000001","seq":1,"type":"presence","present":true}"#)
        #expect(room.shown() == .available)
    }

    @Test func aRepeatedEventConfirmsNothingAfterAStart() {
        var room = room()
        room.state(Self.startedAnew)
        room.event(#"{"boot":"b0000001","seq":11,"type":"presence","present":true}"#)
        #expect(room.shown() == .unknown)
    }

    /// The broker publishes no will, because a lasting session was taken over: only the state reveals the restart.
    @Test func aStartWithoutAWillIsSeenByItsState() {
        var room = room()
        room.wait(.seconds(3))
        room.state(Self.startedAnew)
        #expect(room.shown() == .unknown)
        room.wait(.seconds(25))
        room.event(#"{"boot":"c0000001","seq":1,"type":"presence","present":false}"#)
        #expect(room.shown() == .away)
    }

    @Test func aWillOfABootThatSaidNothingEndsItToo() {
        var room = room()
        room.state(Self.startedAnew)
        room.state(#"{"online":false,"boot":"c0000001"}"#)
        #expect(room.unit("desk-1")?.link.liveness(at: room.now) == .offline)
        #expect(room.unit("desk-1")?.announcedBoot == BootID("c0000001"))
    }

    /// Of three starts, the second and third have sent nothing yet; then both send.
    @Test func startsThatSaidNothingAreFollowedByTheFirstThatSpeaks() {
        var room = room()
        room.state(#"{"online":true,"boot":"c0000001"}"#)
        room.state(#"{"online":true,"boot":"d0000001"}"#)
        room.event(#"{"boot":"d0000001","seq":1,"type":"presence","present":true}"#)
        #expect(room.unit("desk-1")?.currentBoot == BootID("d0000001"))
        #expect(room.shown() == .available)
        #expect(room.state(#"{"online":false,"boot":"c0000001"}"#).reason == nil)
        #expect(room.shown() == .available, "the will of a boot that another has followed")
    }

    // MARK: Every order for an honest unit

    /// A reboot: the will may come at any place, and the state before the first event. All messages are live, or waited
    /// for a while, and all come again after the server's crash.
    @Test(arguments: 0...3, [Delivery.Age.fresh, .unknown, .upTo(.seconds(20))])
    func aRebootEndsTheSameWhereverItsWillComes(place: Int, age: Delivery.Age) {
        var room = room()
        room.wait(.seconds(20))
        var messages: [(topic: String, payload: String)] = [
            ("state", Self.startedAnew), ("event", #"{"boot":"c0000001","seq":1,"type":"presence","present":true}"#),
            ("event", #"{"boot":"c0000001","seq":2,"type":"beat"}"#),
        ]
        messages.insert(("state", #"{"online":false,"boot":"b0000001"}"#), at: place)
        for age in [age, .unknown] {
            room.age = age
            for message in messages { room.hear("consultease/v2/unit/desk-1/\(message.topic)", message.payload) }
        }
        room.age = .fresh
        room.wait(.seconds(1))
        room.event(#"{"boot":"c0000001","seq":3,"type":"beat"}"#)
        #expect(room.shown() == .available)
        #expect(room.unit("desk-1")?.currentBoot == BootID("c0000001"))
        #expect(room.unit("desk-1")?.announcedBoot == nil)
    }

    /// The server subscribes again: the broker's retained copy comes first, then the messages that waited.
    @Test func aRetainedStateBeforeWhatWaitedDelaysNothing() {
        var room = room()
        room.wait(.seconds(20))
        room.age = .unknown
        room.state(Self.startedAnew, retained: true)
        room.event(#"{"boot":"b0000001","seq":12,"type":"presence","present":false}"#)
        room.state(Self.startedAnew)
        room.event(#"{"boot":"c0000001","seq":1,"type":"presence","present":true}"#)
        room.age = .fresh
        room.event(#"{"boot":"c0000001","seq":2,"type":"beat"}"#)
        #expect(room.shown() == .available)
    }
}
