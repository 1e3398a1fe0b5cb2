// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Hummingbird
import Service

/// Writes one server-sent event in parts: all streams share the frame's JSON, and each copies one part at a time.
struct EventFraming: Sequence {
    let head: String
    let json: [UInt8]

    /// Small enough that a slow connection finishes a part well within the limit of a stalled write.
    static let partSize = 65_536

    init(kind: String, tag: RevisionTag, json: [UInt8]) {
        head = "event: \(kind)\nid: \(tag)\ndata: "
        self.json = json
    }

    init(_ frame: BoardFrame) {
        self.init(kind: frame.kind.rawValue, tag: frame.tag, json: frame.json)
    }

    /// A beat carries the server's time: browsers compute ages by it.
    init(beat tag: RevisionTag, now: Timestamp, speed: Double) {
        let whole = Int64(exactly: speed).map(String.init) ?? String(speed)
        let json = #"{"revision":"\#(tag)","now":\#(now.milliseconds),"speed":\#(whole)}"#
        self.init(kind: "beat", tag: tag, json: Array(json.utf8))
    }

    func makeIterator() -> some IteratorProtocol<ByteBuffer> {
        var start = 0
        var isDone = false
        return AnyIterator {
            guard !isDone else { return nil }
            let end = Swift.min(start + Self.partSize, json.count)
            var part = ByteBuffer()
            part.reserveCapacity(end - start + (start == 0 ? head.utf8.count : 0) + 2)
            if start == 0 { part.writeString(head) }
            part.writeBytes(json[start..<end])
            isDone = end == json.count
            // JSON as the board writes it has no line break, so one `data:` line holds it.
            if isDone { part.writeString("\n\n") }
            start = end
            return part
        }
    }
}
