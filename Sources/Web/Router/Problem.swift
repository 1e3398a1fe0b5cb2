// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Foundation
import HTTPTypes
import Hummingbird

/// An answer that says no: `application/problem+json` (RFC 9457). Its detail names the field and the remedy.
struct Problem: Error {
    let status: HTTPResponse.Status
    /// Stable, for programs: the end of `type`.
    let code: String
    /// The same for every problem of this code.
    let title: String
    let detail: String
    var headers: HTTPFields = [:]

    var response: Response {
        var headers = headers
        headers[.contentType] = "application/problem+json"
        headers[.cacheControl] = "no-store"
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: json))
    }

    var json: ByteBuffer {
        let body = Body(
            detail: detail, status: status.code, title: title, type: "urn:consultease:problem:\(code)")
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Strings and a number always encode.
        return ByteBuffer(bytes: (try? encoder.encode(body)) ?? Data())
    }

    private struct Body: Encodable {
        let detail: String
        let status: Int
        let title: String
        let type: String
    }
}

extension Problem {
    static func malformed(_ field: String, _ remedy: String) -> Problem {
        Problem(
            status: .badRequest, code: "malformed-parameter", title: "A parameter is malformed",
            detail: "`\(field)` is malformed: \(remedy)")
    }

    static func otherLineage(_ field: String, present: RevisionTag) -> Problem {
        Problem(
            status: .conflict, code: "other-lineage", title: "The revision belongs to another past",
            detail: "`\(field)` names a revision of another lineage than this database's (\(present.lineage)), which "
                + "is so after a restore: forget what was read before and read again without `\(field)`.")
    }

    static func notYet(_ field: String, present: RevisionTag) -> Problem {
        Problem(
            status: .serviceUnavailable, code: "revision-not-here-yet", title: "The revision is not here yet",
            detail: "`\(field)` asks for a revision that this server has not seen (it has \(present)): try again in a "
                + "second.",
            headers: [.retryAfter: "1"])
    }

    static var noSuchFaculty: Problem {
        Problem(
            status: .notFound, code: "no-such-faculty", title: "There is no such faculty member",
            detail: "`id` names no person on the board: /api/v1/faculty lists all of them.")
    }

    static var noSuchResource: Problem {
        Problem(
            status: .notFound, code: "no-such-resource", title: "There is nothing here",
            detail: "No resource has this path: /api/v1/openapi.json lists those that there are.")
    }

    /// - Parameter methods: those that the resource takes, which the answer must name (RFC 9110, 15.5.6).
    static func methodNotAllowed(_ methods: [HTTPRequest.Method]) -> Problem {
        let names = methods.map(\.rawValue).joined(separator: ", ")
        return Problem(
            status: .methodNotAllowed, code: "method-not-allowed", title: "The method is not allowed here",
            detail: methods == [.get, .head]
                ? "This resource can only be read: use GET or HEAD."
                : "This resource takes other methods: use \(names).",
            headers: [.allow: names])
    }

    static var tooManyStreams: Problem {
        Problem(
            status: .serviceUnavailable, code: "too-many-streams", title: "Too many event streams are open",
            detail: "This server holds as many event streams as it may: try again in some seconds, or poll "
                + "/api/v1/faculty.",
            headers: [.retryAfter: "5"])
    }

    static var tooManyStreamsOfOneAddress: Problem {
        Problem(
            status: .tooManyRequests, code: "too-many-streams-of-one-address",
            title: "Too many event streams are open from this address",
            detail: "This server holds as many event streams for your network address as one may have: close some, try "
                + "again in some seconds, or poll /api/v1/faculty.",
            headers: [.retryAfter: "5"])
    }

    static func tooManyConnections(_ reason: RefusalReason) -> Problem {
        Problem(
            status: reason == .share ? .tooManyRequests : .serviceUnavailable, code: "too-many-connections",
            title: "Too many connections are open",
            detail: "This server holds as many connections as "
                + (reason == .share ? "one network address may have" : "it may") + ": try again in some seconds.",
            headers: [.retryAfter: "5"])
    }

    static var stale: Problem {
        Problem(
            status: .serviceUnavailable, code: "stale", title: "This server can't say what is live",
            detail:
                "It has had no word from its database for some seconds: try again in some, or read what was known last "
                + "at /api/v1/faculty.",
            headers: [.retryAfter: "2"])
    }

    static var shuttingDown: Problem {
        Problem(
            status: .serviceUnavailable, code: "shutting-down", title: "This server is shutting down",
            detail: "The request was not answered: try again in some seconds.", headers: [.retryAfter: "2"])
    }

    static var failed: Problem {
        Problem(
            status: .internalServerError, code: "failed", title: "Something went wrong here",
            detail: "The fault is this server's and was logged: try again later.")
    }
}
