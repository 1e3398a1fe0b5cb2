// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Consistency
import Testing

@Suite("Histories that the promises allow")
struct GoodHistoryTests {
    @Test func anEmptyOne() {
        #expect(Checker.check(History()).isAccepted)
    }

    @Test func oneAfterTheOther() {
        var script = Script()
        script.write("anna", 1...3, [room1: "a1"], 11)
        script.read("anna", 4...5, .atLeast(at(11)), 11, [room1: "a1", room2: "b0"])
        script.write("anna", 6...7, [room2: "b1"], 13)
        script.read("anna", 8...9, .newest, 13, [room1: "a1", room2: "b1"])
        script.end(13, [room1: "a1", room2: "b1"], counts: [room1: 1, room2: 1])
        #expect(script.check().description == "accepted")
    }

    /// Revisions order writes that overlap in any way; each instance's board may lag behind them.
    @Test func concurrentWritersAndLaggingBoards() {
        var script = Script()
        script.write("anna", 1...20, [room1: "a1"], 12)
        script.write("ben", 2...19, [room1: "a2"], 11)
        script.read("kiosk", 3...4, 10, [room1: "a0", room2: "b0"])
        script.read("hall", 5...6, 11, [room1: "a2", room2: "b0"])
        script.read("kiosk", 7...8, 12, [room1: "a1", room2: "b0"])
        script.read("phone", 30...31, 10, [room1: "a0"])
        script.answer("phone", 32...34, .atLeast(at(12)), .unavailable)
        script.end(12, [room1: "a1", room2: "b0"])
        #expect(script.check().description == "accepted")
    }

    @Test(arguments: [true, false])
    func anUnknownOutcomeMayBeEither(happened: Bool) {
        var script = Script()
        script.write("anna", 1...3, [room1: "a1", room2: "b1"], .unknown)
        script.write("ben", 4...5, [room2: "b2"], 15)
        script.read("kiosk", 6...7, 15, [room1: happened ? "a1" : "a0", room2: "b2"])
        script.end(15, [room1: happened ? "a1" : "a0", room2: "b2"], counts: [room2: happened ? 2 : 1])
        #expect(script.check().description == "accepted")
    }

    /// A write may happen long after its client gave it up, and before or after writes that no client observed.
    @Test func anUnknownOutcomeMayComeLate() {
        var script = Script()
        script.write("anna", 1...3, [room1: "a1", room2: "b1"], .unknown)
        script.write("ben", 4...5, [room2: "b2"], 12)
        script.read("kiosk", 6...7, 12, [room1: "a0"])
        script.read("kiosk", 8...9, 14, [room1: "a1", room2: "b1"])
        script.end(14, [room1: "a1", room2: "b1"])
        #expect(script.check().description == "accepted")
    }

    @Test func aFailureLeavesNoRows() {
        var script = Script()
        script.write("anna", 1...3, [room1: "a1"], .failed)
        script.read("anna", 4...5, .newest, 10, [room1: "a0"])
        script.end(10, [room1: "a0"], counts: [room1: 0])
        #expect(script.check().description == "accepted")
    }

    /// The messages of one batch share a revision; the last one counts.
    @Test func aBatchHasOneRevision() {
        var script = Script()
        script.write("unit-1", 1...9, [room1: "a1"], 11, event: "e1")
        script.write("unit-1", 2...9, [room1: "a2"], 11, event: "e2")
        script.write("unit-2", 3...9, [room2: "b1"], 11, event: "e3")
        script.frame("screen", 10, .snapshot, 11, [room1: "a2", room2: "b1"])
        script.end(11, [room1: "a2", room2: "b1"])
        #expect(script.check().description == "accepted")
    }

    /// An event that is delivered again is answered again, and changes nothing.
    @Test func aDuplicateIsAnsweredAgain() {
        var script = Script()
        script.write("unit", 1...3, [room1: "a1"], .unknown, event: "e1")
        script.write("anna", 4...5, [room2: "b1"], 12)
        script.write("unit", 6...9, [room1: "a1"], .duplicate(at(12)), event: "e1")
        script.read("kiosk", 10...11, .newest, 12, [room1: "a1", room2: "b1"])
        script.end(12, [room1: "a1", room2: "b1"], counts: [room1: 1])
        #expect(script.check().description == "accepted")
    }

    @Test func acksWithoutRevisionsAreExplainedBySomeOrder() {
        var script = Script()
        script.write("unit-1", 1...5, [room1: "a1"], .committed(nil), event: "e1")
        script.write("unit-2", 2...6, [room1: "a2"], .committed(nil), event: "e2")
        script.write("unit-3", 3...4, [room1: "a3"], .unknown)
        script.read("kiosk", 4...7, .newest, nil, [room1: "a2"])
        script.read("kiosk", 8...9, .newest, nil, [room1: "a3"])
        script.end(17, [room1: "a3"])
        #expect(script.check().description == "accepted")
    }

    @Test func aSlowStreamGetsTheNewestState() {
        var script = Script()
        script.frame("screen", 1, .snapshot, 10, [room1: "a0", room2: "b0"])
        script.write("anna", 2...3, [room1: "a1"], 11)
        script.write("anna", 4...5, [room1: "a2"], 12)
        script.write("anna", 6...7, [room2: "b1"], 13)
        script.frame("screen", 9, .change, 13, [room1: "a2", room2: "b1"])
        script.frame("screen", 10, .change, 14)
        script.end(14, [room1: "a2", room2: "b1"])
        #expect(script.check().description == "accepted")
    }

    /// After a restore everything starts again, with other values and lower numbers.
    @Test func aRestoreIsAnotherPast() {
        var script = Script()
        script.frame("screen", 1, .snapshot, 10, [room1: "a0", room2: "b0"])
        script.write("anna", 2...3, [room1: "a1"], 11)
        script.restore(at(4, "lineage2"), [room1: "old", room2: "b0"])
        script.answer("anna", 4...5, .atLeast(at(11)), .otherLineage)
        script.frame("screen", 6, .reset, at(0, "lineage2"))
        script.frame("screen", 7, .snapshot, at(4, "lineage2"), [room1: "old", room2: "b0"])
        script.write("anna", 8...9, [room1: "a2"], .committed(at(5, "lineage2")))
        script.frame("screen", 10, .change, at(5, "lineage2"), [room1: "a2"])
        #expect(script.check().description == "accepted")
    }

    /// If the first values are unknown, the first values seen are believed.
    @Test func anUnknownBeginningIsBelieved() {
        var script = Script([:])
        script.read("kiosk", 1...2, 10, [room1: "whatever"])
        script.write("anna", 3...4, [room1: "a1"], 11)
        script.end(11, [room1: "a1"])
        var history = script.history
        history.origins = []
        #expect(Checker.check(history).description == "accepted")
    }
}
