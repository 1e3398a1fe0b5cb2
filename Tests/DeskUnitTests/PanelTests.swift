// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import DeskUnit
import Testing

@Suite("The panel of dialect 2")
struct PanelTests {
    @Test(arguments: [
        ("available", Panel.Ground.available, "Available"), ("busy", .busy, "Busy"),
        ("in-consultation", .inConsultation, "In consultation"), ("away", .neutral, "Away"), ("out", .neutral, "Out"),
        ("unknown", .neutral, "Unknown"), ("nonsense", .neutral, "Unknown"),
    ])
    func theTopSaysWhatScreensSay(word: String, ground: Panel.Ground, title: String) {
        var unit = Unit2.settled()
        unit.obey(#"{"type":"status","availability":"\#(word)","until":null}"#)
        #expect(unit.panel.ground == ground)
        #expect(unit.panel.titleText == title)
    }

    @Test func theOwnerIsNamedAndTheClockRuns() {
        var unit = Unit2.settled()
        unit.obey(#"{"type":"config","version":1,"name":"Dr. Rafael Aquino"}"#)
        // The time is 2026-11-24 02:24:00 UTC, and the unit is eight hours east.
        unit.obey(#"{"type":"time","now":1795487040000,"offset_min":480}"#)
        #expect(unit.panel.texts == ["Dr. Rafael Aquino", "Nobody waits"])
        #expect(unit.panel.cornerText == "10:24")
        #expect(unit.panel.leftText == "I am here")
        #expect(unit.panel.rightText == nil)
        unit.now += 14 * 3_600_000
        #expect(unit.panel.cornerText == "00:24")
    }

    @Test func aWesternOffsetGoesBackADay() {
        var unit = Unit2.settled()
        unit.obey(#"{"type":"time","now":1795487040000,"offset_min":-300}"#)
        #expect(unit.panel.cornerText == "21:24")
    }

    @Test func aPressWithoutARequestSaysThatTheOwnerIsHere() {
        var unit = Unit2()
        _ = unit.take(.connected)
        let pressed = unit.take(.pressed(.left, .short))
        #expect(pressed.map { $0.text.contains(#""type":"presence","present":true"#) } == [true])
        unit.acknowledge(1)
        // The beacon is flat, so the press proves presence for half an hour.
        #expect(unit.take(.beaconLost, after: 29 * 60_000).isEmpty)
        #expect(unit.take(.tick, after: 60_000).contains { $0.text.contains(#""present":false"#) })
    }

    @Test func aNewRequestNeverTakesThePlaceOfTheOneOnTop() {
        var unit = Unit2.settled()
        _ = unit.show(1, "Ana Lim")
        _ = unit.show(2, "Marco Reyes")
        #expect(unit.panel.texts == ["1 of 2 · Thesis", "Ana Lim", "Now?"])
        unit.obey(#"{"type":"queue","waiting":[2,1]}"#)
        #expect(unit.panel.texts[1] == "Ana Lim")
        unit.obey(#"{"type":"queue","waiting":["2"]}"#)
        #expect(unit.panel.texts == ["Ana Lim withdrew."])
    }

    @Test func aLatePressOnAWithdrawnRequestHitsNothing() {
        var unit = Unit2.settled()
        _ = unit.show(1, "Ana Lim")
        _ = unit.show(2, "Marco Reyes")
        unit.acknowledge(2)
        unit.acknowledge(3)
        unit.obey(#"{"type":"cancel","consultation":1,"reason":"student"}"#)
        #expect(unit.panel.leftText == nil)
        #expect(unit.take(.pressed(.left, .short), after: 999).isEmpty)
        #expect(unit.panel.texts == ["Ana Lim withdrew."])
        #expect(unit.take(.pressed(.right, .short), after: 1).isEmpty)
        #expect(unit.panel.leftText == "Next: 1")
        #expect(unit.take(.pressed(.left, .short)).isEmpty)
        #expect(unit.panel.texts[1] == "Marco Reyes")
        #expect(unit.machine.unacknowledgedCount == 0)
    }

    @Test func storedNamesTheTimeThatWasPromised() {
        var unit = Unit2.settled()
        unit.obey(#"{"type":"time","now":1795487040000,"offset_min":480}"#)
        _ = unit.show(1, "Ana Lim")
        _ = unit.show(2, "Marco Reyes")
        _ = unit.take(.pressed(.left, .held))
        unit.acknowledge(4)
        #expect(unit.panel.texts == ["Stored for Ana Lim", "In 10 min, 10:34", ""])
        #expect(unit.panel.leftText == "Next: 1")
        #expect(unit.panel.rightText == "Close")
        _ = unit.take(.pressed(.right, .short))
        #expect(unit.panel.texts == ["desk-1", "1 waits"])
        #expect(unit.panel.leftText == "Queue")
        _ = unit.take(.pressed(.left, .short))
        #expect(unit.panel.texts[1] == "Marco Reyes")
    }

    @Test func anUnclosedResultGivesWayAfterTwentySeconds() {
        var unit = Unit2.settled()
        _ = unit.show(1, "Ana Lim")
        _ = unit.take(.pressed(.left, .short))
        unit.acknowledge(3)
        _ = unit.take(.tick, after: 19_999)
        #expect(unit.panel.texts[0] == "Stored for Ana Lim")
        _ = unit.take(.tick, after: 1)
        #expect(unit.panel.texts == ["desk-1", "Nobody waits"])
    }

    @Test func withoutContactItSaysSoAndStillTakesAnswers() {
        var unit = Unit2.settled()
        unit.obey(#"{"type":"time","now":1795487040000,"offset_min":480}"#)
        _ = unit.show(1, "Ana Lim")
        _ = unit.take(.disconnected)
        unit.now += 4_999
        #expect(unit.panel.titleText == "Available" || unit.panel.texts[1] == "Ana Lim")
        unit.now += 1
        #expect(unit.panel.ground == .fault)
        #expect(unit.panel.titleText == "No contact")
        #expect(unit.panel.texts == ["Your answers are kept here and sent later", "No answer waits"])
        unit.now += 115_000
        #expect(unit.panel.cornerText == "2 min")
        #expect(unit.take(.pressed(.right, .short)).isEmpty)
        #expect(unit.panel.titleText == "No contact")
        _ = unit.take(.pressed(.left, .short))
        #expect(unit.panel.texts[1] == "Ana Lim")
        #expect(unit.take(.pressed(.right, .short)).isEmpty)
        #expect(unit.panel.texts.contains("Sending …"))
        let sent = unit.take(.connected)
        #expect(sent.contains { $0.text.contains(#""consultation":1,"answer":"busy""#) })
    }

    @Test func inQuietHoursTheFirstPressOnlyWakes() {
        var unit = Unit2.settled()
        _ = unit.show(1, "Ana Lim")
        unit.acknowledge(2)
        unit.obey(#"{"type":"config","version":2,"quiet":true}"#)
        #expect(unit.panel.ground == .dark)
        #expect(unit.take(.pressed(.left, .short)).isEmpty)
        #expect(unit.panel.texts[1] == "Ana Lim")
        #expect(unit.take(.pressed(.left, .short)).count == 1)
        unit.now += 30_000
        #expect(unit.panel.ground == .dark)
    }
}
