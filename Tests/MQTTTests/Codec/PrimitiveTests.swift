// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import NIOCore
import Testing

@testable import MQTT

/// Tests strings and numbers (MQTT 5.0 section 1.5). Each row begins with the id of its statement.
@Suite("Codec, primitive values")
struct PrimitiveTests {
    /// Returns a PUBLISH whose topic is these bytes.
    static func publish(topic: [UInt8], _ version: ProtocolVersion = .v5) -> [UInt8] {
        Bytes.packet(0x30, Bytes.binary(topic), version == .v5 ? [0] : [])
    }

    static let goodStrings: [(id: String, bytes: [UInt8], text: String)] = [
        ("1.5.4-1 one byte", [0x61], "a"),
        ("1.5.4-1 two bytes", [0xC3, 0xA9], "é"),
        ("1.5.4-1 three bytes", [0xE6, 0xBC, 0xA2], "漢"),
        ("1.5.4-1 four bytes", [0xF0, 0x9F, 0x99, 0x82], "🙂"),
        ("1.5.4-1 U+D7FF", [0xED, 0x9F, 0xBF], "\u{D7FF}"),
        ("1.5.4-1 U+E000", [0xEE, 0x80, 0x80], "\u{E000}"),
        ("1.5.4-1 U+10FFFD", [0xF4, 0x8F, 0xBF, 0xBD], "\u{10FFFD}"),
        ("1.5.4-3 U+FEFF at the start", [0xEF, 0xBB, 0xBF, 0x61], "\u{FEFF}a"),
        ("1.5.4-3 U+FEFF in the middle", [0x61, 0xEF, 0xBB, 0xBF, 0x62], "a\u{FEFF}b"),
        ("1.5.4-3 U+FEFF alone", [0xEF, 0xBB, 0xBF], "\u{FEFF}"),
    ]

    @Test(arguments: goodStrings, ProtocolVersion.allCases)
    func wellFormedStringsAreKept(row: (id: String, bytes: [UInt8], text: String), version: ProtocolVersion) throws {
        let bytes = Self.publish(topic: row.bytes, version)
        guard case .publish(let publish) = try Bytes.decode(bytes, version) else {
            Issue.record("no PUBLISH: \(row.id)")
            return
        }
        #expect(Array(publish.topic.utf8) == row.bytes, "\(row.id)")
        #expect(Array(publish.topic.utf8) == Array(row.text.utf8), "\(row.id)")
        #expect(try Bytes.encode(.publish(publish), version) == bytes, "\(row.id)")
    }

    static let badStrings: [(id: String, bytes: [UInt8])] = [
        ("1.5.4-1 overlong two bytes", [0xC0, 0xAF]),
        ("1.5.4-1 overlong three bytes", [0xE0, 0x80, 0xAF]),
        ("1.5.4-1 overlong four bytes", [0xF0, 0x80, 0x80, 0xAF]),
        ("1.5.4-1 lowest surrogate", [0xED, 0xA0, 0x80]),
        ("1.5.4-1 highest surrogate", [0xED, 0xBF, 0xBF]),
        ("1.5.4-1 truncated", [0x61, 0xE6, 0xBC]),
        ("1.5.4-1 continuation alone", [0x80]),
        ("1.5.4-1 above U+10FFFF", [0xF4, 0x90, 0x80, 0x80]),
        ("1.5.4-1 byte FF", [0x61, 0xFF]),
        ("1.5.4-2 U+0000 alone", [0x00]),
        ("1.5.4-2 U+0000 inside", [0x61, 0x00, 0x62]),
        ("1.5.4-2 U+0000 overlong", [0xC0, 0x80]),
    ]

    @Test(arguments: badStrings, ProtocolVersion.allCases)
    func illFormedStringsAreMalformed(row: (id: String, bytes: [UInt8]), version: ProtocolVersion) {
        #expect(Bytes.refusal(Self.publish(topic: row.bytes, version), version) == .malformedPacket, "\(row.id)")
    }

    /// 1.5.7-1: the same rules hold for both strings of a pair.
    @Test(arguments: badStrings)
    func illFormedPairsAreMalformed(row: (id: String, bytes: [UInt8])) {
        for pair in [[Bytes.binary(row.bytes), Bytes.string("v")], [Bytes.string("n"), Bytes.binary(row.bytes)]] {
            let property = Bytes.properties([0x26], pair[0], pair[1])
            #expect(Bytes.refusal(Bytes.packet(0x30, Bytes.string("a"), property)) == .malformedPacket, "\(row.id)")
        }
    }

    /// 1.5.4-2: characters for which a receiver may close the connection are never sent, but accepted when received.
    @Test(arguments: [0x00, 0x01, 0x1F, 0x7F, 0x9F, 0xFDD0, 0xFDEF, 0xFFFE, 0xFFFF, 0x1FFFF, 0x10FFFE] as [UInt32])
    func controlsAndNonCharactersAreNeverSent(scalar: UInt32) throws {
        let character = try #require(Unicode.Scalar(scalar))
        let text = "a" + String(Character(character))
        #expect(Bytes.encodingIsRefused(.publish(.once(text))))
        guard !text.utf8.contains(0) else { return }
        #expect(try Bytes.decode(Self.publish(topic: Array(text.utf8))) == .publish(.once(text)))
    }

    static let integers: [(value: Int, bytes: [UInt8])] = [
        (0, [0x00]), (127, [0x7F]), (128, [0x80, 0x01]), (16_383, [0xFF, 0x7F]), (16_384, [0x80, 0x80, 0x01]),
        (2_097_151, [0xFF, 0xFF, 0x7F]), (2_097_152, [0x80, 0x80, 0x80, 0x01]),
        (268_435_455, [0xFF, 0xFF, 0xFF, 0x7F]),
    ]

    /// 1.5.5-1.
    @Test(arguments: integers)
    func variableByteIntegersUseTheFewestBytes(value: Int, bytes: [UInt8]) throws {
        var buffer = ByteBuffer(bytes: bytes)
        #expect(try VariableByteInteger.read(buffer, at: 0) == .value(value, width: bytes.count))
        #expect(VariableByteInteger.width(of: value) == bytes.count)
        buffer.setRepeatingByte(0xEE, count: bytes.count, at: 0)
        VariableByteInteger.set(value, at: 0, in: &buffer)
        #expect(Array(buffer.readableBytesView) == bytes)
        if bytes.count > 1 {
            let part = ByteBuffer(bytes: bytes.dropLast())
            #expect(try VariableByteInteger.read(part, at: 0) == .incomplete)
        }
    }

    /// 1.5.5-1.
    @Test(
        arguments: [
            [0x80, 0x00], [0xFF, 0x80, 0x00], [0x80, 0x80, 0x80, 0x00], [0xFF, 0xFF, 0xFF, 0xFF],
            [0x80, 0x80, 0x80, 0x80, 0x01],
        ] as [[UInt8]])
    func longerVariableByteIntegersAreMalformed(bytes: [UInt8]) {
        #expect(Bytes.refusal([0x30] + bytes) == .malformedPacket)
        let properties = Bytes.packet(0x30, Bytes.string("a"), bytes)
        #expect(Bytes.refusal(properties) == .malformedPacket)
    }

    /// Tests packet lengths around the points at which the length field grows.
    @Test(arguments: [0, 120, 121, 122, 123, 124, 16_376, 16_377, 16_378, 16_379, 16_380, 2_097_140, 2_097_152])
    func packetsOfEveryLengthRoundTrip(count: Int) throws {
        let packet = Packet.publish(.once("abc", Array(repeating: 7, count: count)))
        for version in ProtocolVersion.allCases {
            let bytes = try Bytes.encode(packet, version)
            #expect(try Bytes.decode(bytes, version) == packet)
            let length = 5 + count + (version == .v5 ? 1 : 0)
            #expect(bytes.count == 1 + VariableByteInteger.width(of: length) + length)
        }
    }

    /// 4.7.3-3: 65,535 bytes is the most.
    @Test func theLongestStringIs65535Bytes() throws {
        let longest = String(repeating: "a", count: 65_535)
        let packet = Packet.publish(.once(longest))
        #expect(try Bytes.decode(Bytes.encode(packet)) == packet)
        #expect(Bytes.encodingIsRefused(.publish(.once(longest + "a"))))
        #expect(!TopicRules.isFilter(longest + "a"))
        let binary = Packet.publish(.once("a", [], [.correlationData(Array(repeating: 1, count: 65_536))]))
        #expect(Bytes.encodingIsRefused(binary))
    }
}
