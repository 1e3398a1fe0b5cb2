// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// One event of a stream of server-sent events.
package struct ServerSentEvent: Sendable, Equatable {
    /// The event's name; `message` if the stream gave none.
    package var name: String
    package var data: String
    /// The last id of the stream up to and including this event.
    package var id: String?

    package init(name: String, data: String, id: String?) {
        self.name = name
        self.data = data
        self.id = id
    }
}

/// Parses a stream of server-sent events, however its bytes are split (WHATWG HTML, section 9.2).
package struct ServerSentEventParser: Sendable {
    private var line: [UInt8] = []
    private var endedWithCarriageReturn = false
    private var isFirstLine = true
    private var name = ""
    private var data: [String] = []
    private var id: String?

    package init() {}

    package mutating func take(_ bytes: [UInt8]) -> [ServerSentEvent] {
        var events: [ServerSentEvent] = []
        for byte in bytes {
            defer { endedWithCarriageReturn = byte == 0x0D }
            switch byte {
            case 0x0A where endedWithCarriageReturn: continue
            case 0x0A, 0x0D:
                if let event = finishLine() { events.append(event) }
            default: line.append(byte)
            }
        }
        return events
    }

    private mutating func finishLine() -> ServerSentEvent? {
        if isFirstLine, line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
        isFirstLine = false
        let text = String(decoding: line, as: UTF8.self)
        line.removeAll(keepingCapacity: true)
        guard !text.isEmpty else { return dispatch() }
        guard !text.hasPrefix(":") else { return nil }
        let colon = text.firstIndex(of: ":")
        let field = text[..<(colon ?? text.endIndex)]
        var value = colon.map { text[text.index(after: $0)...] } ?? ""
        if value.hasPrefix(" ") { value = value.dropFirst() }
        switch field {
        case "event": name = String(value)
        case "data": data.append(String(value))
        case "id": if !value.contains("\0") { id = String(value) }
        default: break
        }
        return nil
    }

    private mutating func dispatch() -> ServerSentEvent? {
        defer { (name, data) = ("", []) }
        guard !data.isEmpty else { return nil }
        return ServerSentEvent(name: name.isEmpty ? "message" : name, data: data.joined(separator: "\n"), id: id)
    }
}
