// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Rules
import Testing
import Wire

@Suite("Refusals")
struct RefusalTests {
    @Test(arguments: RefusalReason.allCases)
    func codesAreShortAndStable(_ reason: RefusalReason) {
        let bytes = reason.rawValue.utf8
        #expect(bytes.count <= 32)
        #expect(
            bytes.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || $0 == UInt8(ascii: "-")
                    || $0 == UInt8(ascii: "8")
            })
    }

    @Test(arguments: [
        (
            #"{"present":"true","faculty_name":"Dr. Maria Santos"}"#,
            #"{"present":"[masked 4]","faculty_name":"[masked 16]"}"#
        ),
        (
            #"{"response_type":"MAYBE","message_id":"42","x":["Ana"]}"#,
            #"{"response_type":"MAYBE","message_id":"42","x":["[masked 3]"]}"#
        ),
        (#"{"status":{"student":"Ana"},"seq":1}"#, #"{"status":{"student":"[masked 3]"},"seq":1}"#),
        (#"{"faculty_id":1,"present":tru"#, #"{"faculty_id":1,"present":tru"#), ("alive", "alive"), ("", ""),
        (#"{"type":"BUSY","text":"urgent "thesis"""#, #"{"type":"BUSY","text":[masked 17]"#),
        ("Ana Cruz asks", "[masked 13]"),
        (#"{"type":"BUSY" Ana Cruz "seq":1"#, #"{"type":"BUSY"[masked 17]"#),
        (#"{"seq": 12 , "type" : "BUSY" ,"#, #"{"seq": 12 , "type" : "BUSY" ,"#),
        (#"{"Ana Cruz":1}"#, #"{"[masked 8]":1}"#), ("\u{FEFF}x\0\0", "x"),
        (#"{"status":"Ana"thesis"#, #"{"status":"Ana"[masked 6]"#),
    ])
    func samplesMaskNamesAndText(payload: String, sample: String) {
        #expect(RefusalSample.masked(Array(payload.utf8)) == sample)
    }

    @Test func samplesAreBounded() {
        for payload in [
            Array(repeating: UInt8(ascii: "A"), count: 300_000),
            Array("{\"status\":[\(String(repeating: "1,", count: 5000))1]}".utf8),
            Array(repeating: 0xFF, count: 1000),
        ] {
            #expect(RefusalSample.masked(payload).utf8.count <= RefusalSample.largest)
        }
    }

    /// The cost of a sample doesn't grow with the payload.
    @Test func samplesOfLargePayloadsAreTheirBeginnings() {
        let start = #"{"type":"BUSY","seq":1,"x":["#
        for count in [2_000, 30_000, 140_000] {
            let payload = Array((start + String(repeating: "1,", count: count)).utf8)
            let sample = RefusalSample.masked(payload)
            #expect(sample.hasPrefix(start + "1,1,"))
            #expect(sample.utf8.count == RefusalSample.largest)
        }
        let text = Array((#"{"type":"BUSY","text":""# + String(repeating: "Ana Cruz ", count: 9_000)).utf8)
        #expect(RefusalSample.masked(text) == #"{"type":"BUSY","text":[masked 81001]"#)
    }

    @Test func topicsOfSamplesAreBoundedAndOneLine() {
        #expect(RefusalSample.topic("consultease/x\u{1}\n") == "consultease/x\\x01\\x0a")
        for scalar in ["\u{301}", "\u{1F600}", "\u{1}"] {
            let topic = RefusalSample.topic("e" + String(repeating: scalar, count: 32_000))
            #expect(topic.utf8.count <= RefusalSample.largestTopic)
        }
        #expect(RefusalSample.inASCII("Peña\n") == "Pe\\u{f1}a\\u{a}")
        #expect(RefusalSample.inASCII(String(repeating: "é", count: 500)).utf8.count <= RefusalSample.largest)
    }

    /// An array is refused at its first byte, and a topic is split no further than any valid topic goes.
    @Test func aRefusalCostsLittle() {
        var room = Room()
        let clock = ContinuousClock()
        for size in [10, 65_000, 131_000] {
            let payload = Array(("[" + String(repeating: "1,", count: size / 2) + "1]").utf8)
            let time = clock.measure {
                let reason = room.event(String(decoding: payload, as: UTF8.self)).reason
                #expect(reason == (size > 65_536 ? .tooLarge : .notAnObject))
            }
            let mask = clock.measure { _ = RefusalSample.masked(payload) }
            print("refused: \(payload.count) bytes of [1,1,…]: judged in \(time), masked in \(mask)")
        }
        #expect(Topic(String(repeating: "/", count: 65_000)) == nil)
    }

    @Test func onlyALiveWordOnPresenceMayBeDisplaced() {
        let isReport = { (topic: String, payload: String, retained: Bool) in
            Message(
                decoding: Delivery(
                    topic: topic, payload: Array(payload.utf8), isRetained: retained, arrivedAt: Room.noon)
            ).isStatusReport
        }
        #expect(isReport("consultease/faculty/1/status", #"{"present":true}"#, false))
        #expect(isReport("professor/status", #"{"status":true,"faculty_id":1}"#, false))
        #expect(!isReport("consultease/faculty/1/status", #"{"present":true}"#, true))
        #expect(!isReport("consultease/faculty/1/status", #"{"status":"offline"}"#, false))
        #expect(!isReport("consultease/faculty/1/status", #"{"present":1}"#, false))
        #expect(!isReport("consultease/faculty/1/responses", #"{"response_type":"BUSY","message_id":42}"#, false))
        #expect(!isReport("consultease/v2/unit/desk-1/event", #"{"boot":"b0000001","seq":11,"type":"beat"}"#, false))
    }

    @Test(
        arguments: [
            ("consultease/faculty/99/status", "d1-99"), ("consultease/v2/unit/nobody/event", "nobody"),
            ("professor/status", nil),
            ("faculty/7/status", "d1-7"), ("consultease/faculty/x/status", nil), ("what", nil),
        ] as [(String, String?)])
    func theUnitIsNamedWhereTheTopicCould(topic: String, unit: String?) {
        var room = Room()
        guard case .refused(let refusal) = room.hear(topic, "nonsense") else {
            Issue.record("accepted")
            return
        }
        #expect(refusal.unit?.rawValue == unit)
    }

    @Test func corpusLinesSayWhatIsWrongWithThem() {
        let error = { (line: String) in
            do throws(CorpusLineError) {
                _ = try CorpusLine(decoding: line.utf8)
                return ""
            } catch {
                return error.description
            }
        }
        #expect(error("{") == "no JSON object: byte 2")
        #expect(error("[]") == "no JSON object: byte 1")
        #expect(error(#"{"topic":"t","payload":"p"}"#) == #"no text in "id""#)
        #expect(error(#"{"id":"a","payload":"p"}"#) == #"no text in "topic""#)
        #expect(error(#"{"id":"a","topic":"t"}"#) == #"neither "payload" nor "payload_hex""#)
        #expect(error(#"{"id":"a","topic":"t","payload_hex":"abc"}"#) == #""payload_hex" is no hex"#)
        #expect(
            error(#"{"id":"a","topic":"t","payload":"p","prior":[{"topic":"t","payload":"p"}]}"#).contains("ago_ms"))
        #expect(error(#"{"id":"a","topic":"t","payload":"p"}"#) == "")
    }
}
