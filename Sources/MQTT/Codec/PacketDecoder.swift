// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import NIOCore

/// Decodes a byte stream strictly: however the bytes are split, the packets and the error are the same.
///
/// The decoder refuses bad data as early as possible: a bad first byte at once, and a packet above the largest size
/// after its fixed header, before it buffers the body. After an error every further call throws the same error.
struct PacketDecoder {
    /// The side that sends these packets.
    let sender: Role
    /// The protocol version of the bytes. A client's CONNECT sets it.
    private(set) var version: ProtocolVersion
    /// Bounds the whole packet, including its fixed header.
    let maximumPacketSize: Int
    /// Decides what happens to a PUBLISH that breaks a rule.
    let policy: UnreadableMessagePolicy

    private var buffer = ByteBuffer()
    private var failure: CodecError?

    init(
        version: ProtocolVersion, from sender: Role, maximumPacketSize: Int = 268_435_460,
        _ policy: UnreadableMessagePolicy = .close
    ) {
        self.version = version
        self.sender = sender
        self.maximumPacketSize = maximumPacketSize
        self.policy = policy
    }

    /// The number of received bytes that are not decoded yet.
    var bufferedByteCount: Int { buffer.readableBytes }

    mutating func append(_ bytes: consuming ByteBuffer) {
        guard buffer.readableBytes > 0 else {
            buffer = bytes
            return
        }
        if buffer.readerIndex > buffer.readableBytes { buffer.discardReadBytes() }
        buffer.writeBuffer(&bytes)
    }

    /// Returns the next packet, or nil if more bytes are needed.
    mutating func next() throws(CodecError) -> Packet? {
        if let failure { throw failure }
        do throws(CodecError) {
            return try decodeNext()
        } catch {
            failure = error
            throw error
        }
    }

    private mutating func decodeNext() throws(CodecError) -> Packet? {
        let start = buffer.readerIndex
        guard buffer.readableBytes > 0, let first = buffer.getInteger(at: start, as: UInt8.self) else { return nil }
        let type = try Self.type(of: first, from: sender, in: version)
        guard case .value(let length, let width) = try VariableByteInteger.read(buffer, at: start + 1) else {
            return nil
        }
        guard 1 + width + length <= maximumPacketSize else { throw .tooLarge("a packet is above the maximum size") }
        guard buffer.readableBytes >= 1 + width + length else { return nil }
        buffer.moveReaderIndex(forwardBy: 1 + width)
        guard let body = buffer.readSlice(length: length) else { return nil }
        var reader = PacketReader(body)
        let packet = try PacketBody.read(type, flags: first & 0x0F, &reader, from: sender, in: version, policy)
        guard reader.isAtEnd else { throw .malformed("a packet is longer than its fields") }
        if case .connect(let connect) = packet { version = connect.version }
        return packet
    }

    /// Checks the first byte: type, direction, reserved flags (2.1.3-1), and PUBLISH's flags.
    private static func type(
        of first: UInt8, from sender: Role, in version: ProtocolVersion
    ) throws(CodecError) -> PacketType {
        let flags = first & 0x0F
        guard let type = PacketType(rawValue: first >> 4), type != .auth || version == .v5 else {
            throw .malformed("a packet type is reserved")
        }
        if type == .publish {
            guard flags & 0b0110 != 0b0110 else { throw .malformed("a PUBLISH has both QoS bits set") }
            guard flags & 0b0110 != 0 || flags & 0b1000 == 0 else { throw .malformed("a PUBLISH of QoS 0 has DUP set") }
        } else if flags != type.reservedFlags {
            throw .malformed("reserved flags are not as they must be")
        }
        guard type.isSent(by: sender, in: version) else { throw .protocolError("a packet comes from the wrong side") }
        return type
    }
}
