// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import NIOCore
import Randomness
import Testing

@testable import MQTT

/// Decoding reverses encoding, and the result doesn't depend on how the bytes are split.
@Suite("Codec, any split of the bytes")
struct SplitTests {
    static let sides: [(ProtocolVersion, Role)] = [
        (.v5, .client), (.v5, .server), (.v3_1_1, .client), (.v3_1_1, .server),
    ]

    @Test(arguments: sides, [1, 2, 3] as [UInt64])
    func packetsSurviveAnySplit(side: (ProtocolVersion, Role), seed: UInt64) throws {
        let (version, sender) = side
        var packets = RandomPackets(version: version, sender: sender, generator: SeededGenerator(seed: seed))
        let encoder = PacketEncoder(version: version, from: sender)
        for round in 0..<150 {
            let sent = (0..<4).map { _ in packets.next() }
            var bytes = ByteBuffer()
            for packet in sent { try encoder.encode(packet, into: &bytes) }
            var decoder = PacketDecoder(version: version, from: sender)
            var received: [Packet] = []
            while bytes.readableBytes > 0 {
                let largest = packets.generator.chance(50) ? 3 : 4_000
                let count = min(bytes.readableBytes, 1 + packets.generator.below(largest))
                if let chunk = bytes.readSlice(length: count) { decoder.append(chunk) }
                while let packet = try decoder.next() { received.append(packet) }
            }
            #expect(received == sent, "seed \(seed), round \(round)")
            #expect(decoder.bufferedByteCount == 0)
        }
    }

    /// 4.2-1: the decoder gets one byte at a time.
    @Test func errorsAreTheSameByteByByte() {
        var generator = SeededGenerator(seed: 7)
        for round in 0..<400 {
            var packets = RandomPackets(version: .v5, sender: .server, generator: SeededGenerator(seed: UInt64(round)))
            guard
                var bytes = try?
                    (Bytes.encode(packets.next(), from: .server) + Bytes.encode(packets.next(), from: .server))
            else {
                Issue.record("a random packet was refused, seed \(round)")
                return
            }
            for _ in 0...generator.below(3) { bytes[generator.below(bytes.count)] = UInt8(generator.below(256)) }
            #expect(outcome(bytes, chunk: bytes.count) == outcome(bytes, chunk: 1), "round \(round)")
        }
    }

    private func outcome(_ bytes: [UInt8], chunk: Int) -> [String] {
        var decoder = PacketDecoder(version: .v5, from: .server, maximumPacketSize: 100_000)
        var result: [String] = []
        for start in stride(from: 0, to: bytes.count, by: chunk) {
            decoder.append(ByteBuffer(bytes: bytes[start..<min(start + chunk, bytes.count)]))
            do throws(CodecError) {
                while let packet = try decoder.next() { result.append("\(packet)") }
            } catch {
                return result + ["\(error)"]
            }
        }
        return result
    }

    /// 3.1.2-24: the decoder judges the size by the fixed header, before the body arrives.
    @Test func aPacketAboveTheLimitIsRefusedByItsFixedHeader() throws {
        #expect(throws: CodecError.self) { try Bytes.decode([0x30, 0x7F], limit: 128) }
        #expect(try Bytes.decode([0x30, 0x7E], limit: 128) == nil)
        #expect(throws: CodecError.self) { try Bytes.decode([0x30, 0xFF, 0xFF, 0xFF, 0x7F], limit: 268_435_459) }
        let fits = Bytes.packet(0x30, Bytes.string("a"), [0], Array(repeating: 1, count: 122))
        #expect(fits.count == 128)
        #expect(try Bytes.decode(fits, limit: 128) == .publish(.once("a", Array(repeating: 1, count: 122))))
    }

    @Test func anErrorStays() {
        var decoder = PacketDecoder(version: .v5, from: .server)
        decoder.append(ByteBuffer(bytes: [0x00]))
        #expect(throws: CodecError.self) { try decoder.next() }
        decoder.append(ByteBuffer(bytes: [0xD0, 0x00]))
        #expect(throws: CodecError.self) { try decoder.next() }
    }

    @Test func aRefusedPacketLeavesTheBufferAsItWas() throws {
        let encoder = PacketEncoder(version: .v5, from: .client)
        var buffer = ByteBuffer()
        try encoder.encode(.pingreq, into: &buffer)
        let before = buffer
        #expect(throws: CodecError.self) { try encoder.encode(.publish(.once("a/#", [1])), into: &buffer) }
        #expect(buffer == before)
        try encoder.encode(.pingreq, into: &buffer)
        #expect(Array(buffer.readableBytesView) == [0xC0, 0, 0xC0, 0])
    }
}
