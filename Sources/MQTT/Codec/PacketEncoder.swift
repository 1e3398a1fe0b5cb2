// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import NIOCore

/// Encodes packets, and refuses every packet that may not be sent.
struct PacketEncoder: Sendable {
    let version: ProtocolVersion
    let sender: Role

    init(version: ProtocolVersion, from sender: Role) {
        self.version = version
        self.sender = sender
    }

    /// Appends `packet` to `buffer`. On an error the buffer is unchanged.
    func encode(_ packet: Packet, into buffer: inout ByteBuffer) throws(CodecError) {
        let start = buffer.writerIndex
        if case .puback(let ack) = packet, ack.reasonCode == .success, ack.properties.isEmpty {
            buffer.writeInteger(0x4002 as UInt16)
            buffer.writeInteger(ack.packetID.rawValue)
            return
        }
        // The buffer is moved into the writer and back, so that the writer holds the only reference and nothing is
        // copied.
        var writer = PacketWriter(Self.take(&buffer))
        do throws(CodecError) {
            try write(packet, &writer)
            buffer = writer.finish()
        } catch {
            writer.rollBack(to: start)
            buffer = writer.finish()
            throw error
        }
    }

    /// Returns the size of the whole packet, including its fixed header.
    func size(of packet: Packet) throws(CodecError) -> Int {
        var buffer = ByteBuffer()
        try encode(packet, into: &buffer)
        return buffer.readableBytes
    }

    private static func take(_ buffer: inout ByteBuffer) -> ByteBuffer {
        let empty = ByteBuffer()
        let taken = buffer
        buffer = empty
        return taken
    }

    private func write(_ packet: Packet, _ writer: inout PacketWriter) throws(CodecError) {
        let type = packet.type
        let version = if case .connect(let connect) = packet { connect.version } else { self.version }
        guard type.isSent(by: sender, in: version) else { throw .protocolError("a packet is the other side's to send") }
        writer.byte(type.rawValue << 4 | flags(of: packet))
        let section = writer.openSection()
        try PacketBody.write(packet, &writer, from: sender, in: version)
        try writer.closeSection(section)
    }

    private func flags(of packet: Packet) -> UInt8 {
        guard case .publish(let publish) = packet else { return packet.type.reservedFlags }
        return (publish.delivery.isDuplicate ? 0b1000 : 0) | publish.delivery.qos.rawValue << 1
            | (publish.isRetained ? 1 : 0)
    }
}
