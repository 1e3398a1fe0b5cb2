// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import NIOCore
import Randomness
import Testing

@testable import MQTT

/// Tests packets that break a rule but that a server forwards: the client can still read enough to acknowledge them.
@Suite("Codec, messages that break rules")
struct UnreadablePublishTests {
    /// Reads a PUBLISH at QoS 1 with identifier 7 and the payload `9`, with the policy to deliver.
    private func read(topic: [UInt8] = [0x61], _ section: [UInt8]) throws(CodecError) -> Publish? {
        try decode(Bytes.packet(0x32, Bytes.binary(topic), [0, 7], section, [9]))
    }

    private func decode(_ bytes: [UInt8], from sender: Role = .server) throws(CodecError) -> Publish? {
        var decoder = PacketDecoder(version: .v5, from: sender, .deliver)
        decoder.append(ByteBuffer(bytes: bytes))
        guard case .publish(let publish) = try decoder.next() else { return nil }
        return publish
    }

    static let badProperties: [(text: String, bytes: [UInt8])] = [
        ("a Response Topic with a wildcard", [0x08] + Bytes.string("a/#")),
        ("an empty Response Topic", [0x08, 0, 0]),
        ("a Response Topic that is not UTF-8", [0x08, 0, 1, 0xFF]),
        ("a Response Topic with U+0000", [0x08, 0, 1, 0]),
        ("Payload Format Indicator 2", [0x01, 2]),
        ("Subscription Identifier 0", [0x0B, 0]),
        ("a Content Type that is not UTF-8", [0x03, 0, 1, 0xFF]),
        ("a User Property whose name is not UTF-8", [0x26, 0, 1, 0xFF, 0, 1, 0x61]),
        ("a User Property whose value is not UTF-8", [0x26, 0, 1, 0x61, 0, 1, 0xFF]),
        ("Topic Alias 0", [0x23, 0, 0]),
        ("a property that is foreign to PUBLISH", [0x11, 0, 0, 0, 1]),
    ]

    @Test(arguments: badProperties)
    func aPropertyWithABadValueIsLeftOut(row: (text: String, bytes: [UInt8])) throws {
        let good: [UInt8] = [0x02, 0, 0, 0, 5]
        for section in [row.bytes + good, good + row.bytes] {
            #expect(
                Bytes.refusal(Bytes.packet(0x32, Bytes.string("a"), [0, 7], Bytes.properties(section), [9])) != nil)
            let publish = try #require(try read(Bytes.properties(section)), "\(row.text)")
            #expect(publish.properties == [.messageExpiryInterval(5)], "\(row.text)")
            #expect(publish.droppedProperties == 1 && publish.fault == nil, "\(row.text)")
            #expect(publish.payload == [9] && publish.delivery.packetID == .of(7), "\(row.text)")
        }
    }

    @Test func ofAPropertyThatComesTwiceTheFirstStands() throws {
        let publish = try #require(try read(Bytes.properties([0x03] + Bytes.string("x"), [0x03] + Bytes.string("y"))))
        #expect(publish.properties == [.contentType("x")] && publish.droppedProperties == 1)
    }

    static let faults: [(text: String, topic: [UInt8], section: [UInt8], shown: String)] = [
        ("a topic with a wildcard", Array("a/#".utf8), [0], "a/#"),
        ("an empty topic", [], [0], ""),
        ("a topic with U+0000", [0x61, 0], [0], "a\u{FFFD}"),
        ("a topic that is not UTF-8", [0x61, 0xFF], [0], "a\u{FFFD}"),
        ("an unknown property", [0x61], [2, 0x7F, 1], "a"),
        ("a property that is cut", [0x61], [2, 0x02, 0], "a"),
        ("properties beyond the end", [0x61], [100], "a"),
    ]

    @Test(arguments: faults)
    func furtherFaultsComeWithTheMessage(row: (text: String, topic: [UInt8], section: [UInt8], shown: String)) throws {
        let publish = try #require(try read(topic: row.topic, row.section), "\(row.text)")
        #expect(publish.fault != nil, "\(row.text)")
        #expect(publish.topic == row.shown && publish.delivery.packetID == .of(7), "\(row.text)")
    }

    static let unframed: [(text: String, bytes: [UInt8])] = [
        ("both QoS bits", [0x36, 6, 0, 1, 0x61, 0, 1, 0]),
        ("a topic beyond the end", Bytes.packet(0x32, [0, 9, 0x61])),
        ("no identifier", Bytes.packet(0x32, Bytes.string("a"), [0])),
        ("identifier 0", Bytes.packet(0x32, Bytes.string("a"), [0, 0], [0])),
    ]

    @Test(arguments: unframed)
    func aPacketThatCannotBeAcknowledgedIsRefused(row: (text: String, bytes: [UInt8])) {
        #expect(throws: CodecError.self, "\(row.text)") { try decode(row.bytes) }
    }

    /// With any bytes as properties, the packet is read or refused, and the decoder finds the next packet.
    @Test(arguments: [UInt64](1...20))
    func theNextPacketIsFoundAfterAnyContent(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            let section = (0..<Int.random(in: 0...12, using: &generator)).map { _ in
                Bool.random(using: &generator)
                    ? UInt8.random(in: 0...0x2A, using: &generator) : UInt8.random(in: 0...255, using: &generator)
            }
            let bytes = Bytes.packet(0x32, Bytes.string("a"), [0, 7], Bytes.properties(section), [9])
            var decoder = PacketDecoder(version: .v5, from: .server, .deliver)
            decoder.append(ByteBuffer(bytes: bytes + Bytes.packet(0x32, Bytes.string("b"), [0, 8], [0])))
            #expect(throws: Never.self, "seed \(seed): \(section)") { _ = try decoder.next() }
            guard case .publish(let next) = try decoder.next() else {
                Issue.record("seed \(seed): \(section)")
                return
            }
            #expect(next.topic == "b" && next.fault == nil, "seed \(seed): \(section)")
        }
    }
}
