// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import HTTPTypes
import Hummingbird

/// A strong ETag: the same tag, the same bytes.
struct EntityTag: Hashable, Sendable, CustomStringConvertible {
    /// With its quotes; neither a comma nor a quote inside.
    let description: String

    /// Which form the JSON of cards and lists has: raised with every change of it, since a reader that kept an answer
    /// of an older server would else be told that it is still the same.
    static let representation = 1

    /// Of something that a revision, its form, and perhaps a scope, determine.
    init(_ tag: RevisionTag, scope: String? = nil) {
        let revision = "\(tag)/\(Self.representation)"
        description = scope.map { "\"\(revision)/\(FormEncoding.encode($0))\"" } ?? "\"\(revision)\""
    }

    /// Whether `If-None-Match` names it: then nothing needs to be sent again (RFC 9110, 13.1.2).
    func isKnown(to fields: HTTPFields) -> Bool {
        fields[values: .ifNoneMatch].contains { value in
            value.split(separator: ",").contains { candidate in
                let candidate = candidate.trimmingPrefix { $0 == " " || $0 == "\t" }
                let strong = candidate.hasPrefix("W/") ? candidate.dropFirst(2) : candidate
                let end = strong.lastIndex { $0 != " " && $0 != "\t" }
                return end.map { strong[...$0] == description || strong[...$0] == "*" } ?? false
            }
        }
    }
}

extension Response {
    /// A body that is valid until its tag changes, or 304 if the reader has it.
    static func tagged(
        _ tag: EntityTag, revision: RevisionTag, request: Request, body: () async -> ByteBuffer
    ) async -> Response {
        var headers: HTTPFields = [:]
        headers[.eTag] = tag.description
        headers[.cacheControl] = "no-cache"
        headers[.revision] = revision.description
        guard !tag.isKnown(to: request.headers) else {
            return Response(status: .notModified, headers: headers)
        }
        headers[.contentType] = "application/json"
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: await body()))
    }

    /// A small JSON document that says how things are now.
    static func json(_ status: HTTPResponse.Status = .ok, _ body: ByteBuffer) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: body))
    }
}

extension HTTPField.Name {
    /// `ConsultEase-Revision`: the revision that the answer shows, on every response.
    static let instance = HTTPField.Name(constant: "ConsultEase-Instance")
    static let revision = HTTPField.Name(constant: "ConsultEase-Revision")

    /// A name that is part of the program.
    init(constant text: StaticString) {
        guard let name = HTTPField.Name("\(text)") else { preconditionFailure("\(text) is no field name") }
        self = name
    }
}
