// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Testing

@testable import MQTT

/// Tests topic names and filters (MQTT 5.0 sections 4.7 and 4.8.2).
@Suite("Topic rules")
struct TopicRulesTests {
    static let filters: [(id: String, text: String, isValid: Bool)] = [
        ("4.7.1-1", "#", true), ("4.7.1-1", "a/#", true), ("4.7.1-1", "/#", true), ("4.7.1-1", "a/b/#", true),
        ("4.7.1-1", "a#", false), ("4.7.1-1", "a/#/b", false), ("4.7.1-1", "#/a", false), ("4.7.1-1", "##", false),
        ("4.7.1-1", "a/b#", false), ("4.7.1-1", "+#", false),
        ("4.7.1-2", "+", true), ("4.7.1-2", "+/a", true), ("4.7.1-2", "a/+", true), ("4.7.1-2", "a/+/b", true),
        ("4.7.1-2", "/+", true), ("4.7.1-2", "+/+", true), ("4.7.1-2", "+/#", true), ("4.7.1-2", "a+", false),
        ("4.7.1-2", "+a", false), ("4.7.1-2", "a/b+/c", false), ("4.7.1-2", "++", false),
        ("4.7.3-1", "", false), ("4.7.3-1", "/", true), ("4.7.3-1", " ", true), ("4.7.3-1", "a//b", true),
        ("4.7.3-2", "a\u{0}", false),
        ("4.8.2-1", "$share/g/a", true), ("4.8.2-1", "$share/g/#", true), ("4.8.2-1", "$share//a", false),
        ("4.8.2-1", "$share/", false), ("4.8.2-2", "$share/g", false), ("4.8.2-2", "$share/g/", false),
        ("4.8.2-2", "$share/g+/a", false), ("4.8.2-2", "$share/#/a", false), ("4.8.2-2", "$share/g/a#", false),
        ("4.8.2-2", "$share/g//", true), ("4.8.2-1", "$shared/a", true), ("4.8.2-1", "$share", true),
    ]

    @Test(arguments: filters)
    func filtersAreJudged(row: (id: String, text: String, isValid: Bool)) {
        #expect(TopicRules.isFilter(row.text) == row.isValid, "\(row.id) \(row.text)")
        let subscribe = Packet.subscribe(Subscribe(packetID: .first, subscriptions: [Subscription(row.text)]))
        let unsubscribe = Packet.unsubscribe(Unsubscribe(packetID: .first, filters: [row.text]))
        #expect(Bytes.encodingIsRefused(subscribe) != row.isValid, "\(row.id) \(row.text)")
        #expect(Bytes.encodingIsRefused(unsubscribe) != row.isValid, "\(row.id) \(row.text)")
        let bytes = Bytes.packet(0x82, [0, 1, 0], Bytes.string(row.text), [1])
        #expect((Bytes.refusal(bytes, from: .client) == nil) == row.isValid, "\(row.id) \(row.text)")
        let others = Bytes.packet(0xA2, [0, 1, 0], Bytes.string(row.text))
        #expect((Bytes.refusal(others, from: .client) == nil) == row.isValid, "\(row.id) \(row.text)")
    }

    /// 3.3.2-2, 4.7.0-1, 4.7.3-1 hold in both directions, and for a will's topic too.
    @Test(arguments: [
        ("a", true), ("a/b", true), ("/", true), ("$SYS/x", true), ("", false), ("+", false), ("a/#", false),
        ("a/+/b", false), ("a#", false),
    ])
    func namesHaveNoWildcards(text: String, isValid: Bool) {
        #expect(TopicRules.isName(text) == isValid)
        for version in ProtocolVersion.allCases {
            #expect(Bytes.encodingIsRefused(.publish(.once(text)), version) != isValid)
            let bytes = PrimitiveTests.publish(topic: Array(text.utf8), version)
            #expect((Bytes.refusal(bytes, version) == nil) == isValid)
            let will = WillMessage(topic: text, payload: [], qos: .atMostOnce, isRetained: false)
            let connect = Connect(version: version, cleanStart: true, keepAlive: 0, clientID: "c", will: will)
            #expect(Bytes.encodingIsRefused(.connect(connect), version) != isValid)
        }
    }

    /// 3.3.2-14.
    @Test func aResponseTopicIsATopicName() {
        for topic in ["a/#", "+", ""] {
            #expect(Bytes.encodingIsRefused(.publish(.once("a", [], [.responseTopic(topic)]))))
            let bytes = Bytes.packet(0x30, Bytes.string("a"), Bytes.properties([0x08], Bytes.string(topic)))
            #expect(Bytes.refusal(bytes) == .protocolError)
        }
    }
}
