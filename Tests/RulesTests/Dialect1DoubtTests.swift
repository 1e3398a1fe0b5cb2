// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Rules
import Testing
import Wire

/// Tests rules 5 to 7: when an old unit's report becomes a last word.
@Suite("Promise 9: doubtful reports of old units")
struct Dialect1DoubtTests {
    /// Returns a room in which faculty 1's old unit, up for an hour, has just reported the person present.
    private func room(_ present: Bool = true) -> Room {
        var room = Room()
        room.forgetPresences()
        room.heartbeat(#"{"uptime":3600000}"#)
        room.status(#"{"present":\#(present),"timestamp":3600000}"#)
        #expect(room.shown() == (present ? .available : .away))
        return room
    }

    // MARK: A retained copy that contradicts the stored presence

    @Test(arguments: [true, false])
    func aRetainedCopyThatContradictsWhatIsHeldMakesItUnverified(held: Bool) {
        var room = room(held)
        let verdict = room.status(#"{"present":\#(!held),"timestamp":3610000}"#, retained: true)
        #expect(verdict.outcome == CorpusLine.Outcome(accepted: true, faculty: FacultyID(1)))
        #expect(room.presence()?.isVerified == false)
        #expect(room.presence()?.state == PresenceState(isPresent: held))
        #expect(room.shown() == .unknown)
        #expect(room.availability().lastKnown == PresenceState(isPresent: held))
    }

    /// Either report may be the later one, so a heartbeat that repeats neither confirms neither.
    @Test(arguments: [
        (#"{"uptime":3660000}"#, false), ("{}", false), (#"{"presence_status":"AWAY"}"#, false),
        (#"{"presence_status":"BUSY"}"#, false), (#"{"presence_status":"AVAILABLE"}"#, true),
        (#"{"faculty_present":true,"uptime":3660000}"#, true),
        (#"{"presence_status":"AVAILABLE","uptime":30000}"#, false),
    ])
    func aHeartbeatConfirmsAContradictedWordOnlyBySayingTheSame(heartbeat: String, isConfirmed: Bool) {
        var room = room()
        room.status(#"{"present":false}"#, retained: true)
        room.wait(.seconds(60))
        room.heartbeat(heartbeat)
        #expect(room.shown() == (isConfirmed ? .available : .unknown))
        room.status(#"{"present":false}"#)
        #expect(room.shown() == .away)
    }

    @Test func theNextStatusEndsTheDoubt() {
        var room = room()
        room.status(#"{"present":false}"#, retained: true)
        room.status(#"{"present":true,"timestamp":3601000}"#)
        #expect(room.shown() == .available)
        #expect(room.presence()?.unit == UnitID("d1-1"))
        room.wait(.minutes(20))
        #expect(room.shown() == .unknown, "the unit's silence counts again")
    }

    /// A last word that came from a retained copy is contradicted by the next copy: the state stays unknown.
    @Test func twoRetainedCopiesThatDifferLeaveItUnknown() {
        var room = Room()
        room.forgetPresences()
        room.status(#"{"present":true}"#, retained: true)
        room.status(#"{"present":false}"#, retained: true)
        room.wait(.seconds(30))
        room.heartbeat(#"{"uptime":4000000}"#)
        #expect(room.shown() == .unknown)
    }

    /// The desk has a newer unit, which continues: its next event shows that none of its events is missing.
    @Test func anotherUnitsRetainedCopyCastsDoubtUntilTheNextEvent() {
        var room = Room()
        #expect(room.shown() == .available)
        room.status(#"{"present":false}"#, retained: true)
        #expect(room.shown() == .unknown)
        room.event(#"{"boot":"b0000001","seq":11,"type":"beat"}"#)
        #expect(room.shown() == .available)
    }

    @Test func aRetainedOfflineCastsDoubtUntilTheNextHeartbeat() {
        var room = room()
        #expect(room.status(#"{"status":"offline"}"#, retained: true).acceptance?.present == nil)
        #expect(room.shown() == .unknown)
        room.wait(.seconds(30))
        room.heartbeat(#"{"uptime":3630000}"#)
        #expect(room.shown() == .available)
    }

    // MARK: A start since the word

    @Test func aHeartbeatOfANewLifeMakesALastWordOfWhatTheFormerSaid() {
        var room = room()
        let saidAt = room.now
        room.wait(.minutes(2))
        for _ in 0..<5 {
            room.heartbeat(#"{"uptime":\#((room.now - saidAt).milliseconds - 60_000)}"#)
            #expect(room.shown() == .unknown)
            room.wait(.seconds(60))
        }
        room.status(#"{"present":true,"timestamp":400000}"#)
        #expect(room.shown() == .available)
        room.wait(.seconds(60))
        room.heartbeat(#"{"uptime":\#((room.now - saidAt).milliseconds - 60_000)}"#)
        #expect(room.shown() == .available)
    }

    /// The new boot's first report came before its first heartbeat.
    @Test func aHeartbeatOfTheLifeThatGaveTheWordCastsNoDoubt() {
        var room = room()
        room.wait(.minutes(2))
        room.status(#"{"present":true,"timestamp":20000}"#)
        room.wait(.seconds(40))
        room.heartbeat(#"{"uptime":60000}"#)
        #expect(room.shown() == .available)
    }

    /// Uptime wraps at 2³² ms, after 49.7 days, without a restart.
    @Test func uptimeThatBeginsAnewByItselfIsNoStart() {
        var room = Room()
        room.forgetPresences()
        room.heartbeat(#"{"uptime":4294900000}"#)
        room.status(#"{"present":true,"timestamp":4294900000}"#)
        for uptime in [4_294_960_000, 52_704, 112_704] {
            room.wait(.seconds(60))
            room.heartbeat(#"{"uptime":\#(uptime)}"#)
            #expect(room.shown() == .available)
        }
    }

    @Test(arguments: [Delivery.Age.unknown, .upTo(.minutes(30))])
    func aHeartbeatThatWaitedTellsOfNoStartThatMayBeEarlier(_ age: Delivery.Age) {
        var room = room()
        room.wait(.minutes(2))
        room.age = age
        room.heartbeat(#"{"uptime":60000}"#)
        #expect(room.presence()?.isVerified == true)
    }

    @Test func onlineWithTheUptimeOfANewLifeMakesALastWordOfWhatTheFormerSaid() {
        var room = room()
        room.wait(.minutes(2))
        #expect(room.status(#"{"status":"online","timestamp":3000}"#).acceptance?.present == nil)
        #expect(room.shown() == .unknown)
    }

    /// A unit sends it on connecting, so a unit that restarts again and again sends it too.
    @Test func onlineKeepsNoPersonAvailable() {
        var room = room()
        let heardAt = room.now
        for _ in 0..<15 {
            room.wait(.minutes(1))
            room.status(#"{"status":"online"}"#)
        }
        #expect(room.unit("d1-1")?.link.tolerance == .minutes(15))
        #expect(room.shown() == .unknown)
        #expect(room.availability().since == heardAt)
    }
}
