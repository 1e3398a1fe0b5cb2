// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import HTTPTypes
import Hummingbird

/// The page that a monitor reads, made anew for each request.
package struct MetricsPage: Sendable {
    package static let path = "/metrics"

    /// As the `Content-Type` of what `text` returns.
    package let contentType: String
    /// Runs on the cooperative pool: must not block.
    package let text: @Sendable () -> String

    package init(contentType: String, text: @escaping @Sendable () -> String) {
        self.contentType = contentType
        self.text = text
    }

    /// The answer on a listener of its own, whose address keeps strangers out.
    func answer() -> Response {
        var headers: HTTPFields = [:]
        headers[.contentType] = contentType
        headers[.cacheControl] = "no-store"
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: text())))
    }

    /// On the pages' own port: for those who have the token. Others are told that there is nothing here.
    func answer(_ request: Request, token: BearerToken) throws -> Response {
        guard token.admits(request.headers[.authorization]) else { throw Problem.noSuchResource }
        return answer()
    }
}

/// A secret that a request must carry as `Authorization: Bearer …` (RFC 6750). Appears in no description.
package struct BearerToken: Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    /// Shorter ones can be guessed.
    package static let shortest = 16

    private let bytes: [UInt8]

    /// Nil if the token is too short to be secret, or holds characters that a header can't carry.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count >= Self.shortest, bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
        self.bytes = bytes
    }

    /// Takes the same time however much of the secret is right.
    func admits(_ authorization: String?) -> Bool {
        guard let authorization, authorization.prefix(7).lowercased() == "bearer " else { return false }
        let given = Array(authorization.dropFirst(7).utf8)
        var difference = UInt8(given.count == bytes.count ? 0 : 1)
        for index in bytes.indices {
            difference |= bytes[index] ^ (index < given.count ? given[index] : 0)
        }
        return difference == 0
    }

    package var description: String { "a token" }
    package var debugDescription: String { description }
}
