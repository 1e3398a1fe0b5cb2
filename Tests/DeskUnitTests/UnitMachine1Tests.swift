// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import DeskUnit
import Testing

@Suite("Dialect 1")
struct UnitMachine1Tests {
    private var machine = UnitMachine1(
        configuration: UnitConfiguration1(faculty: 7, name: Array("Dr. O'Neil \"Tan\"".utf8)))

    private mutating func take(_ input: UnitInput, at milliseconds: UInt64) -> [UnitMessage] {
        machine.handle(input, at: .at(milliseconds)).published
    }

    private mutating func ask(_ text: String, at milliseconds: UInt64) -> [UnitMessage] {
        take(
            .message(topic: Array("consultease/faculty/7/messages".utf8), payload: Array(text.utf8)), at: milliseconds)
    }

    @Test mutating func itsFirstWordIsAway() {
        let messages = take(.connected, at: 9_120)
        #expect(messages.map(\.topicText) == ["consultease/faculty/7/status"])
        #expect(
            messages.map(\.text) == [
                #"{"faculty_id":7,"faculty_name":"Dr. O'Neil \"Tan\"","present":false,"status":"AWAY","timestamp":9120,"#
                    + #""ntp_sync_status":"SYNCED","in_grace_period":false,"detailed_status":"AWAY"}"#
            ])
        #expect(messages.allSatisfy { $0.isRetained && !$0.isAtLeastOnce })
    }

    @Test mutating func graceKeepsTheOwnerHereThenAway() {
        _ = take(.connected, at: 0)
        #expect(take(.beaconSeen(rssi: nil), at: 1_000).map { $0.text.contains(#""present":true"#) } == [true])
        let grace = take(.beaconLost, at: 2_000)
        #expect(grace.map { $0.text.contains(#""present":true,"status":"AVAILABLE""#) } == [true])
        #expect(grace.map { $0.text.contains(#""grace_period_remaining":60000,"in_grace_period":true"#) } == [true])
        #expect(take(.tick, at: 61_999).filter { $0.topicText.hasSuffix("status") }.isEmpty)
        #expect(take(.tick, at: 62_000).map { $0.text.contains(#""present":false,"status":"AWAY""#) } == [true])
    }

    @Test mutating func heartbeatsComeAtTheirInterval() {
        _ = take(.connected, at: 0)
        #expect(take(.tick, at: 59_999).isEmpty)
        let beat = take(.tick, at: 60_000)
        #expect(beat.map(\.topicText) == ["consultease/faculty/7/heartbeat"])
        #expect(beat.map { $0.text.contains(#""uptime":60000"#) && !$0.isRetained } == [true])
        #expect(take(.tick, at: 119_999).isEmpty)
        #expect(take(.tick, at: 120_000).count == 1)
    }

    @Test mutating func uptimeStartsAgainAtThirtyTwoBits() {
        let messages = take(.connected, at: 0x1_0000_0005)
        #expect(messages.map { $0.text.contains(#""timestamp":5,"#) } == [true])
    }

    @Test mutating func delayedMessagesFollowThePresentStateWithoutTheRetainFlag() {
        _ = take(.connected, at: 0)
        _ = take(.disconnected, at: 1_000)
        #expect(take(.beaconSeen(rssi: nil), at: 2_000).isEmpty)
        #expect(take(.beaconLost, at: 3_000).isEmpty)
        let messages = take(.connected, at: 4_000)
        #expect(messages.map { timestamp($0) } == [4_000, 2_000, 3_000])
        #expect(messages.map(\.isRetained) == [true, false, false])
        #expect(take(.connected, at: 5_000).count == 1)
    }

    @Test mutating func itsQueueHoldsTenAndDropsTheOldest() {
        _ = take(.beaconSeen(rssi: nil), at: 500)
        for number in 1...12 {
            _ = ask("CID:\(number) From:Ana (SID:7): now?", at: UInt64(number) * 1_000)
            _ = take(.pressed(.left, .short), at: UInt64(number) * 1_000)
        }
        let messages = take(.connected, at: 20_000)
        #expect(messages.count == 11)
        #expect(messages.dropFirst().map { timestamp($0) } == (3...12).map { UInt64($0) * 1_000 })
    }

    @Test mutating func itHoldsTenRequestsAndThrowsTheOldestAway() {
        _ = take(.connected, at: 0)
        _ = take(.beaconSeen(rssi: nil), at: 1)
        for number in 1...11 { _ = ask("CID:\(number) From:Ana (SID:7): now?", at: 2) }
        let answers = (0..<12).flatMap { _ in take(.pressed(.right, .short), at: 3) }
        #expect(answers.map { $0.text.contains(#""response_type":"BUSY""#) } == Array(repeating: true, count: 10))
        #expect(answers.first?.text.contains(#""message_id":"2","timestamp":"3","faculty_present":true"#) == true)
        #expect(answers.allSatisfy { $0.topicText == "consultease/faculty/7/responses" && !$0.isRetained })
    }

    @Test mutating func aRequestToAnAbsentOwnerIsThrownAway() {
        _ = take(.connected, at: 0)
        _ = ask("CID:42 From:Ana (SID:7): now?", at: 1)
        _ = take(.beaconSeen(rssi: nil), at: 2)
        #expect(take(.pressed(.left, .short), at: 3).isEmpty)
        _ = ask("CID:42 From:Ana (SID:7): now?", at: 4)
        #expect(take(.pressed(.left, .short), at: 5).map { $0.text.contains("ACKNOWLEDGE") } == [true])
    }

    @Test(arguments: [
        "", "CID:", "CID: From:x", "CID:42", "{\"id\":42}", "cid:42 From:Ana (SID:7): x", "CID:42From:Ana",
    ])
    mutating func aMessageThatIsNoRequestIsIgnored(text: String) {
        _ = take(.connected, at: 0)
        _ = take(.beaconSeen(rssi: nil), at: 1)
        _ = ask(text, at: 2)
        #expect(take(.pressed(.left, .short), at: 3).isEmpty)
    }

    @Test mutating func aRequestIsCutAtTheFirmwaresBuffer() {
        _ = take(.connected, at: 0)
        _ = take(.beaconSeen(rssi: nil), at: 1)
        _ = ask("CID:42 From:Ana Lim (SID:7): " + String(repeating: "é", count: 600), at: 2)
        #expect(String(decoding: machine.panel.lines[0].text, as: UTF8.self) == "Ana Lim")
        #expect(machine.panel.lines[1].text.count < 512)
    }

    private func timestamp(_ message: UnitMessage) -> UInt64? {
        guard let range = message.text.firstRange(of: #""timestamp":"#) else { return nil }
        return UInt64(message.text[range.upperBound...].drop { $0 == "\"" }.prefix { $0.isNumber })
    }
}
