// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Foundation

/// One server-sent event as a browser would dispatch it.
struct Event: Sendable {
    let kind: String
    let id: String
    let data: String

    init(_ block: String) throws {
        var fields: [String: String] = [:]
        for line in block.split(separator: "\n") {
            guard let colon = line.firstRange(of: ": ") else { throw Missing("a field in: \(line.prefix(80))") }
            let (name, value) = (String(line[..<colon.lowerBound]), String(line[colon.upperBound...]))
            guard fields.updateValue(value, forKey: name) == nil else {
                throw Missing("one field of a name: \(block.prefix(200))")
            }
        }
        guard let kind = fields["event"], let id = fields["id"], let data = fields["data"] else {
            throw Missing("event, id and data in: \(block.prefix(200))")
        }
        self.kind = kind
        self.id = id
        self.data = data
    }

    var tag: RevisionTag {
        get throws {
            guard let tag = RevisionTag(id) else { throw Missing("a revision in id: \(id)") }
            return tag
        }
    }

    func json() throws -> [String: any Sendable] {
        guard let object = try JSONSerialization.jsonObject(with: Data(data.utf8)) as? [String: any Sendable] else {
            throw Missing("a JSON object in: \(data.prefix(200))")
        }
        return object
    }

    /// Returns the ids of the event's cards, with the availability that each shows.
    func cards() throws -> [Int: String] {
        let cards = try json()["cards"] as? [[String: any Sendable]] ?? []
        return Dictionary(
            try cards.map { card in
                guard let id = card["id"] as? Int, let state = card["availability"] as? String else {
                    throw Missing("id and availability in: \(card)")
                }
                return (id, state)
            }, uniquingKeysWith: { _, second in second })
    }

    func removed() throws -> [Int] { try json()["removed"] as? [Int] ?? [] }
}

/// Reads the events of one open stream in order, only when asked.
struct EventReader {
    private var connection: RawConnection
    private var text = ""
    let fields: [String: String]

    fileprivate init(_ connection: RawConnection, _ target: String, _ fields: [String: String]) async throws {
        self.connection = connection
        try await self.connection.send("GET", target, fields)
        let (status, answered) = try await self.connection.head()
        guard status == 200 else { throw Missing("a stream: \(status)") }
        self.fields = answered
    }

    /// Returns the next event; nil if the server ended the stream in good order. Throws if the connection was cut.
    mutating func next() async throws -> Event? {
        while true {
            if let end = text.firstRange(of: "\n\n") {
                let block = String(text[..<end.lowerBound])
                text.removeSubrange(..<end.upperBound)
                return try Event(block)
            }
            guard let size = try await connection.text(upTo: "\r\n"), let length = Int(size, radix: 16),
                let chunk = try await connection.text(length: length + 2)
            else { throw Missing("the end of the stream: it was cut") }
            guard length > 0 else { return nil }
            text += chunk.dropLast()
        }
    }

    /// Returns the next event that is no beat.
    mutating func nextChange() async throws -> Event {
        while let event = try await next() {
            if event.kind != "beat" { return event }
        }
        throw Missing("an event before the end of the stream")
    }
}

extension Edge {
    /// Runs `body` with an open stream.
    func events<Value: Sendable>(
        _ query: String = "", _ fields: [String: String] = [:], receiveBuffer: Int = 1 << 18,
        _ body: (inout EventReader) async throws -> Value
    ) async throws -> Value {
        try await withConnection(to: port, receiveBuffer: receiveBuffer) { connection in
            var reader = try await EventReader(connection, "/api/v1/events\(query)", fields)
            return try await body(&reader)
        }
    }
}
