// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Rules
import Testing
import Wire

/// Tests rules 5 to 7: order, retained copies, liveness.
@Suite("Dialect 1: order and liveness")
struct Dialect1OrderTests {
    @Test(
        arguments: [
            // last uptime, ms since it arrived, uptime, whether it is applied
            (48_211, 2_000, 48_211, true), (48_211, 2_000, 48_212, true), (48_211, 2_000, 40_000, false),
            (48_211, 2_000, 7_000, true), (48_211, 2_000, 7_001, false), (48_211, 0, 5_000, true),
            (48_211, 0, 5_001, false),
            (48_211, 43_210, 48_210, true), (48_211, 43_209, 48_210, false), (4_294_967_001, 10_000, 9_705, true),
            (4_294_967_295, 1_000, 0, true), (4_294_967_295, 1_000, 4_294_967_294, false), (5_000, 0, 0, true),
        ] as [(Int64, Int64, Int64, Bool)])
    func lowerUptimeIsAppliedOnlyAsARestart(last: Int64, elapsed: Int64, uptime: Int64, isApplied: Bool) {
        var room = Room()
        room.status(#"{"present":true,"timestamp":\#(last)}"#)
        room.wait(Span(milliseconds: elapsed))
        let before = room.world
        let verdict = room.status(#"{"present":false,"timestamp":\#(uptime)}"#)
        #expect(verdict.reason == (isApplied ? nil : .lateReplay))
        #expect(room.presence()?.state == (isApplied ? .absent : .present))
        if !isApplied { #expect(room.world == before) }
    }

    @Test(arguments: [
        (60_000, 66_000, true), (60_000, 61_000, true), (60_000, 56_000, true), (60_000, 66_001, false),
        (60_000, 55_999, false),
    ])
    func aHeartbeatTellsOfARestartToo(uptime: Int, status: Int, isApplied: Bool) {
        var room = Room()
        room.status(#"{"present":true,"timestamp":900000}"#)
        room.wait(.seconds(1))
        room.heartbeat(#"{"uptime":\#(uptime)}"#)
        room.wait(.seconds(1))
        #expect(room.status(#"{"present":false,"timestamp":\#(status)}"#).reason == (isApplied ? nil : .lateReplay))
    }

    @Test(arguments: [#"{"uptime":"60000"}"#, #"{"uptime":60000.5}"#, #"{"uptime":4294967296}"#, #"{"uptime":-60000}"#])
    func aBadUptimeTellsNothing(heartbeat: String) {
        var room = Room()
        room.status(#"{"present":true,"timestamp":900000}"#)
        room.heartbeat(heartbeat)
        #expect(room.status(#"{"present":false,"timestamp":60000}"#).reason == .lateReplay)
    }

    @Test(arguments: [#""40000""#, "40000.5", "4294967296", "-1", "null", "1e400", "true"])
    func aTimestampThatIsNoUptimeOrdersNothing(timestamp: String) {
        var room = Room()
        room.status(#"{"present":true,"timestamp":48211}"#)
        #expect(room.status(#"{"present":false,"timestamp":\#(timestamp)}"#).acceptance?.present == false)
        #expect(room.unit("d1-1")?.uptime.lastStatus?.uptime == 48_211)
    }

    @Test func uptimeIsJudgedByValue() {
        var room = Room()
        room.status(#"{"present":true,"timestamp":4.8211e4}"#)
        #expect(room.unit("d1-1")?.uptime.lastStatus == UptimeStamp(uptime: 48_211, arrivedAt: room.now))
        #expect(room.status(#"{"present":false,"timestamp":400000e-1}"#).reason == .lateReplay)
    }

    @Test func aMessageWithoutPresenceHasNoOrder() {
        var room = Room()
        room.status(#"{"present":true,"timestamp":48211}"#)
        #expect(room.status(#"{"status":"online","timestamp":40000}"#).reason == nil)
        #expect(
            room.hear("consultease/faculty/1/mac_status", #"{"status":"faculty_absent","timestamp":1}"#).reason == nil)
        #expect(room.unit("d1-1")?.uptime.lastStatus?.uptime == 48_211)
        #expect(
            room.hear("professor/status", #"{"faculty_id":1,"status":true,"timestamp":40000}"#).reason == .lateReplay)
    }

    @Test func eachUnitHasItsOwnOrder() {
        var room = Room()
        room.status(#"{"present":true,"timestamp":48211}"#)
        #expect(room.status(#"{"present":false,"timestamp":40000}"#, of: 2).reason == nil)
    }

    @Test func aRefusedMessageMovesNoOrder() {
        var room = Room()
        room.status(#"{"present":true,"timestamp":10000}"#)
        room.status(#"{"present":true,"status":"AWAY","timestamp":900000}"#)
        #expect(room.status(#"{"present":false,"timestamp":20000}"#).reason == nil)
    }

    // MARK: Retained

    @Test(arguments: [
        ("consultease/faculty/1/status", #"{"present":true,"timestamp":1}"#),
        ("consultease/faculty/1/status", "faculty_present"),
        ("consultease/faculty/1/mac_status", #"{"status":"faculty_present","mac":"AA:BB:CC:DD:EE:01"}"#),
        ("professor/status", #"{"faculty_id":1,"status":true}"#),
    ])
    func aRetainedWordFillsWhatIsUnknown(topic: String, payload: String) throws {
        var room = Room()
        room.forgetPresences()
        let verdict = room.hear(topic, payload, retained: true)
        #expect(verdict.outcome == CorpusLine.Outcome(accepted: true, faculty: FacultyID(1)))
        let presence = try #require(room.presence())
        #expect(presence.state == .present)
        #expect(!presence.isVerified)
        #expect(room.unit("d1-1") == nil)
        #expect(room.shown() == .unknown)
        room.wait(.seconds(30))
        room.heartbeat(#"{"uptime":4000000}"#)
        #expect(room.presence()?.isVerified == true)
        #expect(room.shown() == .available)
    }

    @Test(arguments: [
        (#"{"uptime":4000000}"#, true), ("{}", true), (#"{"presence_status":"available","uptime":4000000}"#, true),
        (#"{"presence_status":null}"#, true), (#"{"presence_status":3}"#, true),
        (#"{"presence_status":"AWAY"}"#, false),
        (#"{"presence_status":"BUSY"}"#, false), (#"{"faculty_present":false}"#, false),
        (#"{"faculty_present":true}"#, true),
        (#"{"presence_status":"AVAILABLE","faculty_present":false}"#, false), (#"{"uptime":1000}"#, false),
    ])
    func aHeartbeatConfirmsWhatItDoesNotContradict(payload: String, isConfirmed: Bool) {
        var room = Room()
        room.forgetPresences()
        room.status(#"{"present":true}"#, retained: true)
        room.wait(.seconds(60))
        room.heartbeat(payload)
        #expect(room.presence()?.isVerified == isConfirmed)
        #expect(room.shown() == (isConfirmed ? .available : .unknown))
    }

    @Test func aRetainedWordNeverOverwrites() {
        var room = Room()
        room.status(#"{"present":true,"timestamp":50000}"#)
        let before = room.world
        #expect(room.status(#"{"present":true,"timestamp":1}"#, retained: true).acceptance?.present == nil)
        #expect(room.status(#"{"status":"online"}"#, retained: true).reason == nil)
        #expect(room.world == before)
        #expect(room.status(#"{"present":false,"timestamp":60000}"#, retained: true).acceptance?.present == nil)
        #expect(room.presence()?.state == .present)
        #expect(room.world.units == before.units)
    }

    @Test(arguments: [
        ("status", #"{"present":"x"}"#, RefusalReason.badPresent), ("status", "", .emptyPayload),
        ("status", #"{"present":true,"faculty_id":2}"#, .otherFacultyID), ("heartbeat", "{}", .retained),
        ("mac_status", #"{"status":"faculty_present","mac":"AA:BB:CC:DD:EE:02"}"#, .unknownBeacon),
        ("diagnostics", "{}", .retained), ("responses", #"{"response_type":"BUSY","message_id":42}"#, .retained),
        ("responses", "x", .notJSON),
    ])
    func otherRetainedCopiesAreRefused(topic: String, payload: String, reason: RefusalReason) {
        var room = Room()
        #expect(room.hear("consultease/faculty/1/\(topic)", payload, retained: true).reason == reason)
        #expect(room.world == Fixture.world(at: room.now))
    }

    // MARK: Liveness

    @Test func offlineIsBelievedAtOnceAndTheNextWordEndsIt() {
        var room = Room()
        room.status(#"{"present":true}"#)
        room.wait(.seconds(1))
        #expect(
            room.status(#"{"status":"Offline"}"#).outcome == CorpusLine.Outcome(accepted: true, faculty: FacultyID(1)))
        #expect(room.shown() == .unknown)
        #expect(room.presence()?.state == .present)
        room.wait(.seconds(1))
        room.status(#"{"status":"online"}"#)
        #expect(room.unit("d1-1")?.link.isLive(at: room.now) == true)
        #expect(room.shown() == .unknown, "the last word waits for confirmation")
        room.heartbeat(#"{"uptime":900000}"#)
        #expect(room.shown() == .available)
    }

    @Test func silenceMakesALastWordOfWhatWasKnown() {
        var room = Room()
        room.heartbeat("{}")
        room.status(#"{"present":true}"#)
        room.wait(.minutes(15))
        #expect(room.shown() == .unknown)
        room.hear("consultease/faculty/1/diagnostics", "{}")
        #expect(room.shown() == .unknown)
        room.status(#"{"present":true}"#)
        #expect(room.shown() == .available)
    }

    @Test func unknownSinceDoesNotMoveWhileNothingIsConfirmed() {
        var room = Room()
        room.status(#"{"present":true}"#)
        room.wait(.minutes(1))
        room.heartbeat("{}")
        let lastHeard = room.now
        room.wait(.minutes(20))
        for _ in 0..<3 {
            #expect(room.availability().state == .unknown)
            #expect(room.availability().since == lastHeard)
            #expect(room.availability().lastKnown == .present)
            room.heartbeat(#"{"presence_status":"AWAY"}"#)
            room.wait(.minutes(1))
        }
    }

    @Test func aHeartbeatOfANewLifeConfirmsNothing() {
        var room = Room()
        room.status(#"{"present":true,"timestamp":50000}"#)
        room.wait(.minutes(20))
        room.heartbeat(#"{"uptime":30000,"presence_status":"AVAILABLE"}"#)
        #expect(room.shown() == .unknown)
        room.wait(.minutes(20))
        room.heartbeat(#"{"uptime":1230000}"#)
        #expect(room.shown() == .unknown)
    }

    @Test(arguments: [(10, 90), (30, 90), (60, 180), (120, 360), (300, 900)])
    func toleranceIsThreeHeartbeats(interval: Int64, tolerance: Int64) {
        var room = Room()
        for _ in 0..<4 {
            room.heartbeat("{}")
            room.wait(.seconds(interval))
        }
        #expect(room.unit("d1-1")?.link.tolerance == .seconds(tolerance))
    }

    @Test func untilItsRhythmIsKnownAUnitMayBeAsSlowAsAny() {
        var room = Room()
        if let unit = UnitID("d1-1") { room.world.units[unit] = UnitFacts(dialect: .one, faculty: FacultyID(1)) }
        room.status(#"{"present":true}"#)
        #expect(room.unit("d1-1")?.link.tolerance == .minutes(15))
        room.wait(.seconds(899))
        #expect(room.shown() == .available)
        room.wait(.seconds(1))
        #expect(room.shown() == .unknown)
    }

    @Test func clockReportsAndBurstsAreNoRhythm() {
        var room = Room()
        for _ in 0..<4 {
            room.heartbeat(#"{"uptime":1}"#)
            room.heartbeat(#"{"uptime":1}"#)
            room.wait(.seconds(20))
            room.heartbeat(#"{"ntp_sync_success":true}"#)
            room.wait(.seconds(100))
        }
        #expect(room.unit("d1-1")?.link.tolerance == .seconds(360))
    }

    @Test func aLostHeartbeatMovesTheRhythmOnlyALittle() throws {
        var room = Room()
        for _ in 0..<5 {
            room.heartbeat("{}")
            room.wait(.seconds(60))
        }
        room.wait(.seconds(60))
        room.heartbeat("{}")
        let tolerance = try #require(room.unit("d1-1")?.link.tolerance)
        #expect(tolerance > .seconds(180) && tolerance < .seconds(260))
    }

    @Test func aRefusedMessageIsNoSignOfLife() {
        var room = Room()
        room.status(#"{"present":true}"#)
        let heardAt = room.now
        room.wait(.seconds(10))
        room.status(#"{"present":1}"#)
        room.status(#"{"present":false}"#, retained: true)
        #expect(room.unit("d1-1")?.link.heardAt == heardAt)
    }

    @Test func theSameAgainKeepsSinceAndAdvancesEvidence() {
        var room = Room()
        room.status(#"{"present":true}"#)
        let since = room.presence()?.since
        room.wait(.seconds(40))
        room.status(#"{"present":true}"#)
        #expect(room.presence()?.since == since)
        #expect(room.presence()?.evidenceAt == room.now)
        room.status(#"{"present":false}"#)
        #expect(room.presence()?.since == room.now)
    }
}
