// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import NIOCore

/// Appends the primitive values of MQTT to a buffer, and refuses values that may not be sent.
struct PacketWriter: ~Copyable {
    private(set) var buffer: ByteBuffer

    init(_ buffer: consuming ByteBuffer) {
        self.buffer = buffer
    }

    consuming func finish() -> ByteBuffer { buffer }

    mutating func rollBack(to position: Int) { buffer.moveWriterIndex(to: position) }

    mutating func byte(_ value: UInt8) { buffer.writeInteger(value) }
    mutating func twoBytes(_ value: UInt16) { buffer.writeInteger(value) }
    mutating func fourBytes(_ value: UInt32) { buffer.writeInteger(value) }
    mutating func flag(_ value: Bool) { buffer.writeInteger(UInt8(value ? 1 : 0)) }
    mutating func raw(_ bytes: [UInt8]) { buffer.writeBytes(bytes) }

    mutating func variableByteInteger(_ value: Int) throws(CodecError) {
        guard (0...VariableByteInteger.largest).contains(value) else {
            throw .tooLarge("a variable byte integer is above 268,435,455")
        }
        let start = buffer.writerIndex
        buffer.writeRepeatingByte(0, count: VariableByteInteger.width(of: value))
        VariableByteInteger.set(value, at: start, in: &buffer)
    }

    mutating func binary(_ bytes: [UInt8]) throws(CodecError) {
        guard bytes.count <= Int(UInt16.max) else { throw .malformed("binary data is above 65,535 bytes") }
        buffer.writeInteger(UInt16(bytes.count))
        buffer.writeBytes(bytes)
    }

    mutating func string(_ text: String) throws(CodecError) {
        let count = text.utf8.count
        guard count <= Int(UInt16.max) else { throw .malformed("a string is above 65,535 bytes") }
        guard SendableText.isAllowed(text) else {
            throw .malformed("a string holds a control or a non-character")
        }
        buffer.writeInteger(UInt16(count))
        buffer.writeString(text)
    }

    /// Reserves one byte for the length of what follows. `closeSection` writes the length there, and makes more room if
    /// it needs it.
    mutating func openSection() -> Int {
        buffer.writeInteger(UInt8(0))
        return buffer.writerIndex
    }

    mutating func closeSection(_ start: Int) throws(CodecError) {
        let length = buffer.writerIndex - start
        guard length <= VariableByteInteger.largest else { throw .tooLarge("a packet is above 268,435,460 bytes") }
        let extra = VariableByteInteger.width(of: length) - 1
        if extra > 0 {
            buffer.writeRepeatingByte(0, count: extra)
            let offset = start - buffer.readerIndex
            buffer.withUnsafeMutableReadableBytes { bytes in
                let moved = UnsafeMutableRawBufferPointer(rebasing: bytes[(offset + extra)...])
                moved.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[offset..<(offset + length)]))
            }
        }
        VariableByteInteger.set(length, at: start - 1, in: &buffer)
    }
}

/// Decides which characters may be sent.
enum SendableText {
    /// Refuses U+0000, other control characters and non-characters: a receiver may close the connection if it meets one
    /// (MQTT 5.0 section 1.5.4). The decoder accepts them except U+0000, since a refused message would come back at
    /// every resend.
    static func isAllowed(_ text: String) -> Bool {
        if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) { return true }
        return text.unicodeScalars.allSatisfy { scalar in
            switch scalar.value {
            case 0x00...0x1F, 0x7F...0x9F, 0xFDD0...0xFDEF: false
            default: scalar.value & 0xFFFE != 0xFFFE
            }
        }
    }
}
