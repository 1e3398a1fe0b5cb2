// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Randomness
import Rules
import Testing
import Wire

/// No number crashes the process, whether a unit sent it or an outside writer stored it.
@Suite("Numbers at the ends of their range")
struct ExtremeNumberTests {
    /// One event skips almost every possible number, and then one of another boot does so too.
    @Test func theCountOfGapsStopsAtItsEnd() {
        var room = Room()
        for boot in ["b0000001", "c0000001", "d0000001"] {
            let event = #"{"boot":"\#(boot)","seq":9223372036854775807,"type":"beat"}"#
            #expect(room.event(event).reply?.result == .stored)
        }
        #expect(room.unit("desk-1")?.gaps == .max)
        #expect(room.event(#"{"boot":"d0000001","seq":1,"type":"beat"}"#).reply?.result == .stored)
        #expect(room.unit("desk-1")?.gaps == Int64.max - 1)
    }

    /// If a row's last presence is beyond the seen events, it confirms nothing.
    @Test func aLastPresenceThatWasNeverSeenConfirmsNothing() throws {
        var room = Room()
        let key = BootKey(unit: try #require(UnitID("desk-1")), boot: try #require(BootID("b0000001")))
        room.world.boots[key]?.lastPresence = .max
        room.wait(.seconds(100))
        #expect(room.event(#"{"boot":"b0000001","seq":11,"type":"beat"}"#).reply?.result == .stored)
        #expect(room.shown() == .unknown)
    }

    @Test(arguments: [Int64.min, -1, 0, .max - 1, .max])
    func aRhythmThatNobodyCanHaveIsLearnedAnew(interval: Int64) throws {
        var room = Room()
        room.heartbeat("{}")
        let unit = try #require(UnitID("d1-1"))
        room.world.units[unit]?.rhythm.interval = Span(milliseconds: interval)
        for _ in 0..<40 {
            room.wait(.seconds(60))
            room.heartbeat("{}")
        }
        let learned = try #require(room.world.units[unit]?.rhythm.interval)
        #expect(Span.seconds(59) < learned && learned < .seconds(61))
    }

    /// With any numbers in rows and messages, each message gets a verdict, and availability can be computed.
    @Test(arguments: [UInt64](1...60))
    func everyMessageHasAVerdict(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var room = Room(now: generator.moment())
        for _ in 0..<40 {
            if generator.often() { Self.writeAnything(into: &room.world, using: &generator) }
            if generator.often() { room.now = generator.moment() }
            let (topic, payload) = Self.message(using: &generator)
            let verdict = room.hear(topic, payload, retained: Int.random(in: 0..<8, using: &generator) == 0)
            if case .refused(let refusal) = verdict {
                #expect(refusal.reason != .notJSON, "seed \(seed): \(payload)")
            }
            for faculty in 1...5 as ClosedRange<Int64> {
                let shown = room.availability(faculty)
                for moment in [shown.since, shown.until, shown.lastEvidence].compactMap(\.self) {
                    #expect(moment.flooredToMinute <= moment, "seed \(seed)")
                    #expect(moment.iso8601.hasSuffix("Z"), "seed \(seed)")
                }
            }
            for facts in room.world.boots.values {
                #expect(SequenceSet(facts.seen.description) == facts.seen, "seed \(seed)")
                #expect(facts.seen.gapCount >= 0, "seed \(seed)")
            }
        }
    }

    // MARK: Helpers

    /// Writes what an outside writer may have written: any number into every row that the judge loads.
    private static func writeAnything(into world: inout World, using generator: inout SeededGenerator) {
        for unit in world.units.keys.sorted() {
            world.units[unit]?.link = UnitLink(
                heardAt: generator.moment(), tolerance: generator.span(),
                offlineSince: generator.often() ? nil : generator.moment())
            world.units[unit]?.uptime = UptimeOrder(
                lastStatus: UptimeStamp(uptime: generator.extreme(), arrivedAt: generator.moment()),
                startedAt: generator.moment())
            world.units[unit]?.rhythm = HeartbeatRhythm(lastHeartbeatAt: generator.moment(), interval: generator.span())
            world.units[unit]?.gaps = generator.extreme()
        }
        for key in world.boots.keys {
            let ends = [generator.number(), generator.number()].sorted()
            var seen = SequenceSet(ends[0]...ends[1])
            _ = seen.insert(generator.number())
            world.boots[key] = BootFacts(seen: seen, lastPresence: generator.extreme())
        }
        for faculty in world.presences.keys {
            world.presences[faculty]?.since = generator.moment()
            world.presences[faculty]?.evidenceAt = generator.moment()
            world.presences[faculty]?.isVerified = generator.often()
        }
        for consultation in world.consultations.keys {
            world.consultations[consultation]?.minutes = generator.extreme()
            world.consultations[consultation]?.answeredAt = generator.moment()
            world.consultations[consultation]?.shownAt = generator.moment()
        }
    }

    /// Returns a message of either dialect with such numbers in each numeric field.
    private static func message(using generator: inout SeededGenerator) -> (topic: String, payload: String) {
        let old = "consultease/faculty/\(Int.random(in: 1...5, using: &generator))"
        let unit = "consultease/v2/unit/desk-\(Int.random(in: 1...5, using: &generator))"
        var number: String { generator.spelling() }
        switch Int.random(in: 0..<8, using: &generator) {
        case 0:
            return (
                "\(old)/status",
                #"{"present":\#(Bool.random(using: &generator)),"timestamp":\#(number),"grace_period_remaining":\#(number)}"#
            )
        case 1:
            return ("\(old)/heartbeat", #"{"uptime":\#(number),"free_heap":\#(number),"wifi_rssi":\#(number)}"#)
        case 2:
            return (
                "\(old)/responses",
                #"{"response_type":"BUSY","message_id":\#(number),"timestamp":"\#(number)","faculty_id":\#(number)}"#
            )
        case 3: return ("\(old)/diagnostics", #"{"uptime":\#(number)}"#)
        case 4:
            let boot = Bool.random(using: &generator) ? "b0000001" : "c0000001"
            return (
                "\(unit)/event",
                #"{"boot":"\#(boot)","seq":\#(number),"up":\#(number),"type":"presence","present":true,"rssi":\#(number)}"#
            )
        case 5:
            return (
                "\(unit)/event",
                #"{"boot":"b0000001","seq":\#(number),"type":"answer","consultation":42,"answer":"later","minutes":\#(number)}"#
            )
        case 6:
            return ("\(unit)/event", #"{"boot":"b0000001","seq":\#(number),"type":"shown","consultation":\#(number)}"#)
        default:
            return (
                "\(unit)/event",
                #"{"boot":"b0000001","seq":\#(number),"type":"beat","rssi":\#(number),"heap":\#(number),"battery":\#(number)}"#
            )
        }
    }
}

extension SeededGenerator {
    /// Returns an end of a range that some reader may use, or a number near it.
    fileprivate mutating func extreme() -> Int64 {
        let ends: [Int64] = [.min, .max, 0, 1 << 31, 1 << 32, 1 << 53, -(1 << 53), Room.noon.milliseconds]
        return ends[Int.random(in: 0..<ends.count, using: &self)] &+ Int64.random(in: -2...2, using: &self)
    }

    /// Returns such a number that is a valid event number.
    fileprivate mutating func number() -> Int64 { max(extreme(), 1) }
    fileprivate mutating func moment() -> Timestamp { Timestamp(milliseconds: extreme()) }
    fileprivate mutating func span() -> Span { Span(milliseconds: extreme()) }
    fileprivate mutating func often() -> Bool { Bool.random(using: &self) }

    /// Returns such a number as JSON may spell it, or one that no integer holds.
    fileprivate mutating func spelling() -> String {
        let beyond = ["1e400", "-1e400", "1e999999999999999999999", "1e-999999999999999999999", "9223372036854775808"]
        return Int.random(in: 0..<6, using: &self) == 0
            ? beyond[Int.random(in: 0..<beyond.count, using: &self)] : "\(extreme())"
    }
}
