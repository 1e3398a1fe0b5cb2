// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import NIOCore

/// Reads the primitive values of MQTT from the bytes of one packet (MQTT 5.0 section 1.5).
struct PacketReader {
    private var bytes: ByteBuffer

    init(_ bytes: ByteBuffer) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { bytes.readableBytes == 0 }

    mutating func byte() throws(CodecError) -> UInt8 {
        guard let value = bytes.readInteger(as: UInt8.self) else { throw Self.short }
        return value
    }

    mutating func twoBytes() throws(CodecError) -> UInt16 {
        guard let value = bytes.readInteger(as: UInt16.self) else { throw Self.short }
        return value
    }

    mutating func fourBytes() throws(CodecError) -> UInt32 {
        guard let value = bytes.readInteger(as: UInt32.self) else { throw Self.short }
        return value
    }

    /// Reads a byte that must be 0 or 1.
    mutating func flag() throws(CodecError) -> Bool {
        switch try byte() {
        case 0: return false
        case 1: return true
        default: throw .protocolError("a flag byte is neither 0 nor 1")
        }
    }

    mutating func variableByteInteger() throws(CodecError) -> Int {
        switch try VariableByteInteger.read(bytes, at: bytes.readerIndex) {
        case .incomplete: throw Self.short
        case .value(let value, let width):
            bytes.moveReaderIndex(forwardBy: width)
            return value
        }
    }

    mutating func packetID() throws(CodecError) -> PacketID {
        guard let id = PacketID(try twoBytes()) else { throw .protocolError("a packet identifier is 0") }
        return id
    }

    mutating func binary() throws(CodecError) -> [UInt8] {
        let length = Int(try twoBytes())
        guard let value = bytes.readBytes(length: length) else { throw Self.short }
        return value
    }

    /// Reads well-formed UTF-8 without U+0000. EF BB BF is the character U+FEFF, also at the start (1.5.4-1 to
    /// 1.5.4-3).
    mutating func string() throws(CodecError) -> String {
        let length = Int(try twoBytes())
        guard length <= bytes.readableBytes else { throw Self.short }
        let text: String? = bytes.readWithUnsafeReadableBytes { all in
            (length, Self.text(UnsafeRawBufferPointer(rebasing: all.prefix(length))))
        }
        guard let text else { throw Self.notText }
        return text
    }

    /// Returns the text of these bytes, or nil if they are not a valid MQTT string.
    static func text(_ bytes: some Collection<UInt8>) -> String? {
        bytes.contains(0) ? nil : String(validating: bytes, as: UTF8.self)
    }

    /// Returns a readable form of bytes that are not a valid string: U+FFFD replaces what is invalid.
    static func repaired(_ bytes: [UInt8]) -> String {
        String(
            String.UnicodeScalarView(
                String(decoding: bytes, as: UTF8.self).unicodeScalars.map { $0 == "\0" ? "\u{FFFD}" : $0 }))
    }

    static let notText = CodecError.malformed("a string is not UTF-8, or holds U+0000")

    /// Returns a reader for the next `length` bytes.
    mutating func section(_ length: Int) throws(CodecError) -> PacketReader {
        guard let slice = bytes.readSlice(length: length) else { throw Self.short }
        return PacketReader(slice)
    }

    /// Skips `length` bytes.
    mutating func skip(_ length: Int) throws(CodecError) {
        guard length <= bytes.readableBytes else { throw Self.short }
        bytes.moveReaderIndex(forwardBy: length)
    }

    mutating func rest() -> [UInt8] { bytes.readBytes(length: bytes.readableBytes) ?? [] }

    private static let short = CodecError.malformed("a packet is shorter than its fields")
}
