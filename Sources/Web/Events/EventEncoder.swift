// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import NIOCore
import Service

/// Makes server-sent events as the bytes of a chunked response, once for all streams that write the same event at the
/// same time: they share the buffers.
///
/// An event is split into parts, so that a slow connection finishes each part well within the limit of a stalled write.
struct EventEncoder {
    static let partSize = 65_536

    private let now: @Sendable () -> Timestamp
    private let speed: Double
    /// By the address of the frame's JSON, which stays the frame's own while it is kept here.
    private var frames: [UnsafePointer<UInt8>: (frame: BoardFrame, parts: [ByteBuffer])] = [:]
    private var beats: [RevisionTag: [ByteBuffer]] = [:]

    init(now: @escaping @Sendable () -> Timestamp, speed: Double) {
        self.now = now
        self.speed = speed
    }

    mutating func parts(of frame: BoardFrame) -> [ByteBuffer] {
        guard let address = frame.json.withUnsafeBufferPointer(\.baseAddress) else { return [] }
        if let known = frames[address] { return known.parts }
        let parts = Self.parts(kind: frame.kind.rawValue, tag: frame.tag, json: frame.json)
        frames[address] = (frame, parts)
        return parts
    }

    /// A beat carries the server's time: browsers compute ages by it.
    mutating func beat(_ tag: RevisionTag) -> [ByteBuffer] {
        if let known = beats[tag] { return known }
        let whole = Int64(exactly: speed).map(String.init) ?? String(speed)
        let json = #"{"revision":"\#(tag)","now":\#(now().milliseconds),"speed":\#(whole)}"#
        let parts = Self.parts(kind: "beat", tag: tag, json: Array(json.utf8))
        beats[tag] = parts
        return parts
    }

    /// Gives up what it keeps: the next event is another one, and a beat tells another time.
    mutating func forget() {
        guard !frames.isEmpty || !beats.isEmpty else { return }
        frames = [:]
        beats = [:]
    }

    static func parts(kind: String, tag: RevisionTag, json: [UInt8]) -> [ByteBuffer] {
        var event = ByteBuffer()
        event.reserveCapacity(json.count + 96)
        event.writeString("event: \(kind)\nid: \(tag)\ndata: ")
        event.writeBytes(json)
        // JSON as the board writes it has no line break, so one `data:` line holds it.
        event.writeString("\n\n")
        var parts: [ByteBuffer] = []
        while let part = event.readSlice(length: min(partSize, event.readableBytes)), part.readableBytes > 0 {
            parts.append(chunk(part))
        }
        return parts
    }

    /// A chunk of a chunked body (RFC 9112, 7.1): its length in hexadecimal digits, and its bytes.
    private static func chunk(_ bytes: ByteBuffer) -> ByteBuffer {
        var chunk = ByteBuffer()
        chunk.reserveCapacity(bytes.readableBytes + 16)
        chunk.writeString("\(String(bytes.readableBytes, radix: 16))\r\n")
        chunk.writeImmutableBuffer(bytes)
        chunk.writeString("\r\n")
        return chunk
    }
}
