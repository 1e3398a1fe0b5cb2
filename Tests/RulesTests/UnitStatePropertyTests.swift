// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Randomness
import Rules
import Testing
import Wire

/// Tests what must hold in every order of a unit's messages, in seeded random orders.
@Suite("Promise 9: no order of states makes a person available")
struct UnitStatePropertyTests {
    private static let boots = ["a0000001", "b0000001", "c0000001", "d0000001", "e0000001", "f0000001"]

    private func randomState(using generator: inout SeededGenerator) -> String {
        let boot = Self.boots[Int.random(in: 0..<Self.boots.count, using: &generator)]
        switch Int.random(in: 0..<8, using: &generator) {
        case 0: return #"{"online":false}"#
        case 1: return #"{"online":false,"boot":"\#(boot)"}"#
        case 2, 3: return #"{"online":true,"boot":"b0000001"}"#
        default: return #"{"online":true,"boot":"\#(boot)"}"#
        }
    }

    private func randomAge(using generator: inout SeededGenerator) -> Delivery.Age {
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: .unknown
        case 1: .upTo(.seconds(Int64.random(in: 0...200, using: &generator)))
        default: .fresh
        }
    }

    @Test(arguments: [UInt64](1...200))
    func statesAloneKeepNobodyAvailableForLongerThanNinetySeconds(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var room = Room()
        room.event(#"{"boot":"b0000001","seq":11,"type":"presence","present":true}"#)
        let (lastEventAt, linkBefore) = (room.now, room.unit("desk-1")?.link)
        for _ in 0..<40 {
            room.wait(Span(milliseconds: Int64.random(in: 0...20_000, using: &generator)))
            room.age = randomAge(using: &generator)
            room.state(randomState(using: &generator), retained: Bool.random(using: &generator))
            #expect(room.unit("desk-1")?.link.heardAt == linkBefore?.heardAt, "seed \(seed)")
            if room.now - lastEventAt >= .seconds(90) { #expect(room.shown() == .unknown, "seed \(seed)") }
        }
    }

    /// Events of the current boot arrive in between. An available person was reported present by an event of the last
    /// 90 s, and no live state since that boot's last presence has announced another start.
    @Test(arguments: [UInt64](1...200))
    func anAvailablePersonWasConfirmedByTheLatestStart(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var room = Room()
        var seq = 10
        var lastEventAt = room.now - .seconds(10)
        var hasStartedAnew = false
        for _ in 0..<120 {
            room.wait(Span(milliseconds: Int64.random(in: 0...40_000, using: &generator)))
            if Int.random(in: 0..<3, using: &generator) == 0 {
                seq += 1
                let word = Bool.random(using: &generator) ? #""type":"beat""# : #""type":"presence","present":true"#
                #expect(room.event(#"{"boot":"b0000001","seq":\#(seq),\#(word)}"#).reason == nil)
                lastEventAt = room.now
            } else {
                let (state, isRetained) = (randomState(using: &generator), Bool.random(using: &generator))
                room.state(state, retained: isRetained)
                let isNew = !["a0000001", "b0000001"].contains { state.contains($0) } && state.contains("boot")
                if isNew, !isRetained { hasStartedAnew = true }
            }
            if room.shown() == .available {
                #expect(room.now - lastEventAt < .seconds(90), "seed \(seed)")
                #expect(!hasStartedAnew, "seed \(seed)")
            }
        }
    }

    /// A correct unit is believed again at its next presence, whatever came before.
    @Test(arguments: [UInt64](1...200))
    func anHonestUnitIsBelievedByItsNextPresence(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var room = Room()
        for _ in 0..<30 {
            room.wait(Span(milliseconds: Int64.random(in: 0...40_000, using: &generator)))
            room.age = randomAge(using: &generator)
            room.state(randomState(using: &generator), retained: Bool.random(using: &generator))
        }
        room.age = .fresh
        let boot = "9\(seed)0000000".prefix(8)
        room.state(#"{"online":true,"boot":"\#(boot)"}"#)
        room.event(#"{"boot":"\#(boot)","seq":1,"type":"presence","present":true}"#)
        #expect(room.shown() == .available, "seed \(seed)")
        room.wait(.seconds(30))
        room.event(#"{"boot":"\#(boot)","seq":2,"type":"beat"}"#)
        #expect(room.shown() == .available, "seed \(seed)")
    }
}
