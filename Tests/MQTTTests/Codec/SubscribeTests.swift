// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Testing

@testable import MQTT

/// Tests SUBSCRIBE and UNSUBSCRIBE (MQTT 5.0 sections 3.8 and 3.10).
@Suite("Codec, SUBSCRIBE and UNSUBSCRIBE")
struct SubscribeTests {
    @Test func optionsAreWrittenAndRead() throws {
        let subscription = Subscription(
            "a/+", maximumQoS: .exactlyOnce, noLocal: true, retainAsPublished: true, retainHandling: .never)
        let packet = Packet.subscribe(
            Subscribe(
                packetID: .of(10), properties: [.subscriptionIdentifier(5)],
                subscriptions: [
                    subscription, Subscription("b", maximumQoS: .atMostOnce),
                ]))
        let bytes: [UInt8] = [0x82, 15, 0, 10, 2, 0x0B, 5, 0, 3, 0x61, 0x2F, 0x2B, 0x2E, 0, 1, 0x62, 0]
        #expect(try Bytes.encode(packet) == bytes)
        #expect(try Bytes.decode(bytes, from: .client) == packet)
    }

    @Test func version311HasTheQoSAlone() throws {
        let packet = Packet.subscribe(Subscribe(packetID: .of(1), subscriptions: [Subscription("a")]))
        #expect(try Bytes.encode(packet, .v3_1_1) == [0x82, 6, 0, 1, 0, 1, 0x61, 1])
        let local = Packet.subscribe(Subscribe(packetID: .of(1), subscriptions: [Subscription("a", noLocal: true)]))
        #expect(Bytes.encodingIsRefused(local, .v3_1_1))
    }

    /// 3.8.3-5; 3.1.1: 3.8.3-4.
    @Test func reservedOptionsAreRefused() {
        for byte in UInt8.min...UInt8.max {
            let bytes = Bytes.packet(0x82, [0, 1, 0], Bytes.string("a"), [byte])
            let isGood = byte & 0xC0 == 0 && byte & 3 < 3 && byte & 0x30 < 0x30
            #expect((Bytes.refusal(bytes, from: .client) == nil) == isGood, "options \(byte)")
            let old = Bytes.packet(0x82, [0, 1], Bytes.string("a"), [byte])
            #expect((Bytes.refusal(old, .v3_1_1, from: .client) == nil) == (byte < 3), "options \(byte)")
        }
    }

    /// 3.8.3-4.
    @Test func aSharedSubscriptionHasNoLocalUnset() {
        let shared = Subscription("$share/g/a", noLocal: true)
        #expect(Bytes.encodingIsRefused(.subscribe(Subscribe(packetID: .of(1), subscriptions: [shared]))))
        let bytes = Bytes.packet(0x82, [0, 1, 0], Bytes.string("$share/g/a"), [0x05])
        #expect(Bytes.refusal(bytes, from: .client) == .protocolError)
    }

    /// 3.8.3-2, 3.10.3-2.
    @Test(arguments: ProtocolVersion.allCases)
    func emptyListsAreRefused(version: ProtocolVersion) {
        let properties: [UInt8] = version == .v5 ? [0] : []
        #expect(Bytes.refusal(Bytes.packet(0x82, [0, 1], properties), version, from: .client) == .protocolError)
        #expect(Bytes.refusal(Bytes.packet(0xA2, [0, 1], properties), version, from: .client) == .protocolError)
        #expect(Bytes.encodingIsRefused(.subscribe(Subscribe(packetID: .of(1), subscriptions: [])), version))
        #expect(Bytes.encodingIsRefused(.unsubscribe(Unsubscribe(packetID: .of(1), filters: [])), version))
    }

    /// Covers 3.8.3-1, 3.10.3-1, and a filter without its options byte (3.8.3-2).
    @Test func badFiltersAreMalformed() {
        #expect(Bytes.refusal(Bytes.packet(0x82, [0, 1, 0], [0, 1, 0xFF, 0]), from: .client) == .malformedPacket)
        #expect(Bytes.refusal(Bytes.packet(0xA2, [0, 1, 0], [0, 1, 0xFF]), from: .client) == .malformedPacket)
        #expect(Bytes.refusal(Bytes.packet(0x82, [0, 1, 0], Bytes.string("a")), from: .client) == .malformedPacket)
    }
}
