// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Randomness
import Rules
import Testing
import Wire

/// Promise 8: duplicated, reordered and replayed messages leave the same end state.
@Suite("Shuffled duplicates")
struct ShuffleTests {
    /// Dialect 2 without limits: one history in order, then 1,000 deliveries of it, duplicated and shuffled.
    @Test(arguments: [UInt64](1...25))
    func aUnitsHistoryEndsTheSame(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var history = (11...60).map { seq in randomEvent(seq: seq, using: &generator) }
        history.append(#"{"boot":"b0000001","seq":61,"type":"answer","consultation":42,"answer":"busy"}"#)
        history.append(#"{"boot":"b0000001","seq":62,"type":"shown","consultation":43}"#)
        #expect(endState(of: shuffled(history, using: &generator)) == endState(of: history), "seed \(seed)")
    }

    /// An ended boot's events may arrive at any time, and prove nothing about presence.
    @Test(arguments: [UInt64](1...25))
    func anEndedBootsEventsChangeNoPresence(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let former = (11...30).map { seq in randomEvent(seq: seq, using: &generator) }
        let later = (1...30).map { seq in
            randomEvent(seq: seq, using: &generator).replacing("b0000001", with: "c0000001")
        }
        let inOrder = endState(of: former + later)
        let replayed = endState(of: former + later + shuffled(former + later, using: &generator))
        #expect(replayed == inOrder, "seed \(seed)")
    }

    /// Old units: one boot, with timestamps whose uptime is above 5 s plus the test's length. The heartbeat comes first
    /// and far from every status: a late one would suggest a restart to rule 5.
    @Test(arguments: [UInt64](1...25))
    func anOldUnitsHistoryEndsTheSame(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let history = (0..<50).map { index in
            let present = Bool.random(using: &generator)
            let word = Bool.random(using: &generator) ? #","status":"\#(present ? "AVAILABLE" : "AWAY")""# : ""
            return #"{"present":\#(present),"timestamp":\#(100_000 + index * 700)\#(word)}"#
        }
        let answer = #"{"response_type":"BUSY","message_id":"42","timestamp":"99000"}"#
        let inOrder = oldEndState(of: history, answer: answer, using: &generator)
        let deliveries = shuffled(history, using: &generator)
        #expect(oldEndState(of: deliveries, answer: answer, using: &generator) == inOrder, "seed \(seed)")
    }

    // MARK: Helpers

    /// Makes 1,000 deliveries: the history about twenty times, in any order, every message at least once.
    private func shuffled(_ history: [String], using generator: inout SeededGenerator) -> [String] {
        var deliveries = history
        while deliveries.count < 1000 {
            deliveries.append(history[Int.random(in: 0..<history.count, using: &generator)])
        }
        return deliveries.shuffled(using: &generator)
    }

    private func randomEvent(seq: Int, using generator: inout SeededGenerator) -> String {
        let fields =
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: #""type":"beat","heap":\#(seq)"#
            case 1: #""type":"shown","consultation":43"#
            case 2: #""type":"answer","consultation":42,"answer":"busy""#
            default: #""type":"presence","present":\#(Bool.random(using: &generator))"#
            }
        return #"{"boot":"b0000001","seq":\#(seq),\#(fields)}"#
    }

    /// The end state without the moments of arrival.
    private struct EndState: Equatable {
        var presence: PresenceState?
        var isVerified: Bool?
        var shown: AvailabilityState
        var consultations: [ConsultationID: ConsultationStatus]
        var boots: [BootKey: BootFacts]
        var currentBoot: BootID?
        var gaps: Int64?
        var lastUptime: Int64?

        init(_ room: Room, unit name: String) {
            let unit = room.unit(name)
            presence = room.presence()?.state
            isVerified = room.presence()?.isVerified
            shown = room.shown()
            consultations = room.world.consultations.mapValues(\.status)
            boots = room.world.boots
            currentBoot = unit?.currentBoot
            gaps = unit?.gaps
            lastUptime = unit?.uptime.lastStatus?.uptime
        }
    }

    private func endState(of events: [String]) -> EndState {
        var room = Room()
        for event in events {
            room.event(event)
            room.wait(Span(milliseconds: 3))
        }
        return EndState(room, unit: "desk-1")
    }

    private func oldEndState(
        of payloads: [String], answer: String, using generator: inout SeededGenerator
    ) -> EndState {
        var room = Room()
        room.heartbeat(#"{"uptime":50000}"#)
        room.status(payloads[0])
        let answeredAt = Int.random(in: 0..<payloads.count, using: &generator)
        for (index, payload) in payloads.enumerated() {
            room.status(payload)
            if index == answeredAt { room.respond(answer) }
            room.wait(Span(milliseconds: 3))
        }
        return EndState(room, unit: "d1-1")
    }
}
