// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import NIOCore

@testable import MQTT

/// Builds the bytes of packets from readable parts.
enum Bytes {
    /// Returns a fixed header with its computed length, and what follows it.
    static func packet(_ first: UInt8, _ parts: [UInt8]...) -> [UInt8] {
        let body = parts.flatMap { $0 }
        return [first] + variable(body.count) + body
    }

    static func variable(_ value: Int) -> [UInt8] {
        var (rest, bytes) = (value, [UInt8]())
        repeat {
            bytes.append(UInt8(rest & 0x7F) | (rest > 127 ? 0x80 : 0))
            rest >>= 7
        } while rest > 0
        return bytes
    }

    static func string(_ text: String) -> [UInt8] { binary(Array(text.utf8)) }

    static func binary(_ bytes: [UInt8]) -> [UInt8] { [UInt8(bytes.count >> 8), UInt8(bytes.count & 0xFF)] + bytes }

    /// Returns properties with their length in front.
    static func properties(_ parts: [UInt8]...) -> [UInt8] {
        let body = parts.flatMap { $0 }
        return variable(body.count) + body
    }

    static func decode(
        _ bytes: [UInt8], _ version: ProtocolVersion = .v5, from sender: Role = .server, limit: Int = 268_435_460
    ) throws(CodecError) -> Packet? {
        var decoder = PacketDecoder(version: version, from: sender, maximumPacketSize: limit)
        decoder.append(ByteBuffer(bytes: bytes))
        return try decoder.next()
    }

    static func encode(
        _ packet: Packet, _ version: ProtocolVersion = .v5, from sender: Role = .client
    ) throws(CodecError) -> [UInt8] {
        var buffer = ByteBuffer()
        try PacketEncoder(version: version, from: sender).encode(packet, into: &buffer)
        return Array(buffer.readableBytesView)
    }

    /// The code of the error that decoding throws; nil if it succeeds.
    static func refusal(
        _ bytes: [UInt8], _ version: ProtocolVersion = .v5, from sender: Role = .server
    ) -> ReasonCode? {
        do throws(CodecError) {
            _ = try decode(bytes, version, from: sender)
            return nil
        } catch {
            return error.reasonCode
        }
    }

    static func encodingIsRefused(
        _ packet: Packet, _ version: ProtocolVersion = .v5, from sender: Role = .client
    ) -> Bool {
        (try? encode(packet, version, from: sender)) == nil
    }
}

extension PacketID {
    static func of(_ number: UInt16) -> PacketID { PacketID(number) ?? .first }
}

extension Publish {
    static func once(_ topic: String, _ payload: [UInt8] = [], _ properties: Properties = []) -> Publish {
        Publish(topic: topic, payload: payload, delivery: .atMostOnce, isRetained: false, properties: properties)
    }

    static func acknowledged(
        _ topic: String, _ id: UInt16, _ payload: [UInt8] = [], isDuplicate: Bool = false
    ) -> Publish {
        Publish(
            topic: topic, payload: payload, delivery: .atLeastOnce(.of(id), isDuplicate: isDuplicate),
            isRetained: false)
    }
}
