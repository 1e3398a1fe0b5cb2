// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation

/// The server's answer to one request.
struct Answer: Sendable {
    let status: Int
    /// The header fields, by name in lower case.
    let fields: [String: String]
    let body: String

    func json() throws -> [String: any Sendable] {
        guard let object = try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: any Sendable] else {
            throw Missing("a JSON object in: \(body.prefix(200))")
        }
        return object
    }

    /// Returns the last part of a problem's `type`.
    func problem() throws -> String {
        guard fields["content-type"] == "application/problem+json", let type = try json()["type"] as? String else {
            throw Missing("a problem in: \(body.prefix(200))")
        }
        return String(type.trimmingPrefix("urn:consultease:problem:"))
    }
}

extension RawConnection {
    /// Reads status and fields.
    mutating func head() async throws -> (status: Int, fields: [String: String]) {
        guard let head = try await text(upTo: "\r\n\r\n") else { throw Missing("a response before the end") }
        var lines = head.components(separatedBy: "\r\n")[...]
        let status = lines.popFirst()?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
        let fields = lines.compactMap { line -> (String, String)? in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            return (line[..<colon].lowercased(), line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces))
        }
        guard let status else { throw Missing("a status in: \(head.prefix(80))") }
        return (status, Dictionary(fields, uniquingKeysWith: { "\($0), \($1)" }))
    }

    /// Reads one whole answer; the connection stays open for the next.
    mutating func answer(to method: String = "GET") async throws -> Answer {
        let (status, fields) = try await head()
        guard method != "HEAD", status != 304 else { return Answer(status: status, fields: fields, body: "") }
        guard let length = fields["content-length"].flatMap({ Int($0) }) else {
            throw Missing("content-length in \(fields)")
        }
        guard let body = try await text(length: length) else { throw Missing("the whole body") }
        return Answer(status: status, fields: fields, body: body)
    }
}

extension Edge {
    /// Sends one request on a connection of its own.
    func request(_ method: String = "GET", _ target: String, _ fields: [String: String] = [:]) async throws -> Answer {
        try await withConnection(to: port) { connection in
            try await connection.send(method, target, fields)
            return try await connection.answer(to: method)
        }
    }

    /// Returns the list at a revision, and asks again after a 503: a busy machine may take longer than the server
    /// waits.
    func patientList(atLeast tag: String) async throws -> Answer {
        var answer = try await request("GET", "/api/v1/faculty?at-least=\(tag)")
        for _ in 0..<10 where answer.status == 503 {
            answer = try await request("GET", "/api/v1/faculty?at-least=\(tag)")
        }
        return answer
    }
}
