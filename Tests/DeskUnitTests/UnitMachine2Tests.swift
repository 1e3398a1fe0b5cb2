// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import DeskUnit
import Testing

@Suite("Dialect 2")
struct UnitMachine2Tests {
    @Test func stateAndWillCarryTheBoot() {
        var unit = Unit2()
        let messages = unit.take(.connected)
        #expect(messages.map(\.topicText) == ["consultease/v2/unit/desk-1/state"])
        #expect(messages.map(\.text) == [#"{"online":true,"boot":"b000000000000001","fw":"1.0.0","proto":2}"#])
        #expect(messages.allSatisfy { $0.isRetained && $0.isAtLeastOnce })
        #expect(unit.machine.will.text == #"{"online":false,"boot":"b000000000000001"}"#)
        #expect(unit.machine.will.topicText == "consultease/v2/unit/desk-1/state")
        #expect(unit.machine.will.isRetained)
    }

    @Test func eventsAreNumberedFromOne() {
        var unit = Unit2()
        _ = unit.take(.connected)
        let seen = unit.take(.beaconSeen(rssi: -50))
        #expect(
            seen.map(\.text) == [
                #"{"boot":"b000000000000001","seq":1,"up":1000,"type":"presence","present":true}"#
            ])
        #expect(seen.map(\.topicText) == ["consultease/v2/unit/desk-1/event"])
        #expect(seen.allSatisfy { $0.isAtLeastOnce && !$0.isRetained })
        let left = unit.take(.beaconLost) + unit.take(.tick, after: 60_000)
        #expect(left.contains { $0.text.contains(#""seq":2,"up":61000,"type":"presence","present":false"#) })
    }

    @Test func aShortDropoutIsNoEvent() {
        var unit = Unit2.settled()
        #expect(unit.take(.beaconLost, after: 1_000).isEmpty)
        #expect(unit.take(.tick, after: 28_000).isEmpty)
        #expect(unit.take(.beaconSeen(rssi: nil), after: 500).isEmpty)
        #expect(unit.take(.beaconLost, after: 500).isEmpty)
        #expect(unit.machine.isPresent)
    }

    @Test func nothingIsKnownUntilAScanHasFoundOrLongMissedTheBeacon() {
        var unit = Unit2()
        #expect(unit.take(.connected).count == 1)
        #expect(unit.take(.beaconLost).isEmpty)
        #expect(unit.take(.tick, after: 59_999).filter { $0.text.contains("presence") }.isEmpty)
        #expect(unit.take(.tick, after: 1).filter { $0.text.contains(#""present":false"#) }.count == 1)
    }

    @Test(arguments: ["stored", "duplicate"])
    func anEventIsKeptUntilTheDatabaseNamesIt(result: String) {
        var unit = Unit2.settled()
        #expect(
            unit.show(42, "Ana Lim").map(\.text).filter { $0.contains(#""type":"shown","consultation":42"#) }.count == 1
        )
        unit.acknowledge(2)
        let pressed = unit.take(.pressed(.left, .short))
        #expect(
            pressed.map(\.text) == [
                #"{"boot":"b000000000000001","seq":3,"up":1000,"type":"answer","consultation":42,"answer":"accept"}"#
            ])
        #expect(unit.panel.texts == ["Ana Lim", "Come now", "Sending …", "Kept on this unit until it is stored"])
        unit.acknowledge(2, result)
        unit.acknowledge(3, result, boot: "b000000000000002")
        #expect(unit.machine.unacknowledgedCount == 1)
        #expect(unit.panel.texts.contains("Sending …"))
        unit.acknowledge(3, result)
        #expect(unit.machine.unacknowledgedCount == 0)
        #expect(unit.panel.texts == ["Stored for Ana Lim", "Come now", ""])
        unit.acknowledge(3, "refused", reason: "late")
        #expect(unit.panel.texts == ["Stored for Ana Lim", "Come now", ""])
    }

    @Test func aRefusalIsSaidAndEndsTheSending() {
        var unit = Unit2.settled()
        _ = unit.show(42, "Ana Lim")
        unit.acknowledge(2)
        _ = unit.take(.pressed(.right, .short))
        unit.acknowledge(3, "refused", reason: "closed")
        #expect(unit.panel.texts == ["Ana Lim", "Not stored", "closed"])
        #expect(unit.take(.tick, after: 11_000).isEmpty)
    }

    @Test(arguments: [
        (Key.left, Press.short, #""answer":"accept""#), (.left, .held, #""answer":"later","minutes":10"#),
        (.right, .short, #""answer":"busy""#), (.right, .held, #""answer":"later","minutes":60"#),
    ])
    func eachKeyHasTwoMeanings(key: Key, press: Press, field: String) {
        var unit = Unit2.settled()
        _ = unit.show(42, "Ana Lim")
        #expect(unit.take(.pressed(key, press)).filter { $0.text.contains(field) }.count == 1)
    }

    @Test func anEventGoesOutAgainAfterTenSeconds() {
        var unit = Unit2()
        _ = unit.take(.connected)
        let first = unit.take(.beaconSeen(rssi: nil))
        #expect(unit.take(.tick, after: 9_999).isEmpty)
        #expect(unit.take(.tick, after: 1) == first)
        #expect(unit.take(.tick, after: 9_999).isEmpty)
        #expect(unit.take(.tick, after: 1) == first)
    }

    @Test func everythingGoesOutAgainInOrderAfterAReconnect() {
        var unit = Unit2()
        _ = unit.take(.connected)
        _ = unit.take(.beaconSeen(rssi: nil))
        _ = unit.show(42, "Ana Lim")
        _ = unit.take(.disconnected)
        #expect(unit.take(.pressed(.left, .short), after: 100).isEmpty)
        let again = unit.take(.connected, after: 100)
        #expect(again.map { seq($0) } == [nil, 1, 2, 3, 4])
        #expect(again.last?.text.contains(#""type":"presence","present":true"#) == true)
    }

    @Test func aBeatIsSentEveryHalfMinuteAndNeverTwice() {
        var unit = Unit2.settled()
        #expect(unit.take(.tick, after: 29_000).isEmpty)
        #expect(unit.take(.tick, after: 1_000).map { $0.text.contains(#""type":"beat""#) } == [true])
        // The event is not acknowledged, so the unit sends the same one again.
        for _ in 0..<12 { #expect(unit.take(.tick, after: 10_000).map { seq($0) } == [2]) }
        unit.acknowledge(2)
        #expect(unit.take(.tick, after: 30_000).map { seq($0) } == [3])
    }

    @Test func aRestartBeginsANewBootAtOneAndKeepsAnswers() {
        var unit = Unit2.settled()
        _ = unit.show(42, "Ana Lim")
        let answer = unit.take(.pressed(.left, .held))
        unit.machine = UnitMachine2(
            configuration: unit.machine.configuration, boot: BootName(random: 2), after: unit.machine)
        unit.now = 500
        let first = unit.take(.connected) + unit.take(.beaconSeen(rssi: nil))
        // The unit sends only the former boot's answer; the new boot's events wait for its acknowledgement.
        #expect(first.dropFirst().map(\.text) == answer.map(\.text))
        #expect(first.first?.text.contains(#""boot":"0000000000000002""#) == true)
        let after = unit.acknowledge(3)
        #expect(after.map { seq($0) } == [1])
        #expect(after.allSatisfy { $0.text.contains(#""boot":"0000000000000002""#) })
    }

    @Test func aFullOutboxNeverDropsAnAnswer() {
        var unit = Unit2.settled()
        _ = unit.take(.disconnected)
        for number in 0..<15 {
            _ = unit.show(100 + number, "S")
            // The first press closes the fault, the second the answer that can't be stored yet.
            for _ in 0..<2 where !unit.machine.isAsking(at: .at(unit.now)) { _ = unit.take(.pressed(.left, .short)) }
            let isAsking = unit.machine.isAsking(at: .at(unit.now))
            #expect(isAsking)
            _ = unit.take(.pressed(.left, .short))
            _ = unit.take(.tick, after: 20_000)
        }
        for _ in 0..<200 {
            _ = unit.take(.beaconLost) + unit.take(.tick, after: 60_000) + unit.take(.beaconSeen(rssi: nil))
        }
        #expect(unit.machine.unacknowledgedCount == 64)
        let sent = unit.take(.connected)
        #expect(sent.filter { $0.text.contains(#""type":"answer""#) }.count == 15)
    }

    @Test(arguments: [
        "", "{", "[]", "null", #"{"type":"ack"}"#, #"{"type":"ack","boot":7,"seq":"1","result":true}"#,
        #"{"type":"show"}"#, #"{"type":"show","consultation":0}"#, #"{"type":"queue","waiting":[1,null]}"#,
        #"{"type":"time","now":-1}"#, #"{"type":"config","away_after_s":99999999999999999999999}"#,
        #"{"type":"show","consultation":"\ud800"}"#, "{\"type\":\"show\",\"consultation\":42,\"student\":\"\u{7}\"}",
    ])
    func unreadableInputIsIgnored(command: String) {
        var unit = Unit2.settled()
        #expect(unit.obey(command).isEmpty)
        #expect(unit.machine.unacknowledgedCount == 0)
        #expect(unit.panel.texts == ["desk-1", "Nobody waits"])
    }

    @Test func deepNestingAndOtherTopicsAreIgnored() {
        var unit = Unit2.settled()
        #expect(unit.obey(String(repeating: "[", count: 100_000)).isEmpty)
        #expect(unit.obey(#"{"a":"# + String(repeating: #"{"a":"#, count: 100_000)).isEmpty)
        let foreign = Array("consultease/v2/unit/desk-2/command".utf8)
        #expect(unit.take(.message(topic: foreign, payload: Array(#"{"type":"show","consultation":1}"#.utf8))).isEmpty)
        #expect(unit.panel.texts == ["desk-1", "Nobody waits"])
    }

    private func seq(_ message: UnitMessage) -> Int? {
        guard let range = message.text.range(of: #""seq":"#) else { return nil }
        return Int(message.text[range.upperBound...].prefix { $0.isNumber })
    }
}

extension String {
    /// Returns the first range of `part`: the standard library has no such search.
    fileprivate func range(of part: String) -> Range<String.Index>? {
        firstRange(of: part)
    }
}
