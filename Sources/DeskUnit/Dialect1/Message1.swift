// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// A request as a dialect 1 unit reads it from `messages`: `CID:{id} From:{student} (SID:{number}): {text}`.
struct Message1: Equatable, Sendable {
    /// The digits of the consultation's id.
    var consultation: [UInt8]
    var student: [UInt8]
    var text: [UInt8]

    /// The number of bytes that fit the firmware's buffer.
    static let longest = 512

    init?(_ payload: [UInt8]) {
        let bytes = Array(payload.prefix(Message1.longest))
        let (open, from) = (ascii("CID:"), ascii(" From:"))
        guard bytes.count > open.count, Array(bytes[..<open.count]) == open else { return nil }
        let idEnd = Message1.end(of: bytes, from: open.count) { $0 < 0x30 || $0 > 0x39 }
        guard idEnd > open.count, idEnd + from.count <= bytes.count,
            Array(bytes[idEnd..<idEnd + from.count]) == from
        else { return nil }
        consultation = Array(bytes[open.count..<idEnd])
        let nameStart = idEnd + from.count
        let nameEnd = Message1.end(of: bytes, from: nameStart) { $0 == 0x28 }
        student = Message1.trimmed(bytes[nameStart..<nameEnd])
        let textStart = Message1.end(of: bytes, from: nameEnd) { $0 == 0x29 } + 2
        text = textStart < bytes.count ? Message1.trimmed(bytes[textStart...]) : []
    }

    private static func end(of bytes: [UInt8], from start: Int, where isEnd: (UInt8) -> Bool) -> Int {
        var index = start
        while index < bytes.count, !isEnd(bytes[index]) { index += 1 }
        return index
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var bytes = bytes
        while bytes.first == 0x20 { bytes = bytes.dropFirst() }
        while bytes.last == 0x20 { bytes = bytes.dropLast() }
        return Array(bytes)
    }
}
