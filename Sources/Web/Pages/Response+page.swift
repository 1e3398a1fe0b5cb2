// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import HTTPTypes
import Hummingbird

extension Response {
    /// A page. It is true at its moment alone, so no cache keeps it.
    ///
    /// - Parameter language: the reader's choice to remember; nil on a kiosk, which the next reader uses.
    static func page(
        _ html: String, status: HTTPResponse.Status = .ok, revision: RevisionTag? = nil,
        remembering language: Language? = nil
    ) -> Response {
        var headers: HTTPFields = [:]
        headers[.contentType] = "text/html; charset=utf-8"
        headers[.cacheControl] = "no-store"
        headers[.revision] = revision?.description
        if let language {
            headers[.setCookie] = "lang=\(language.rawValue); Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax"
        }
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: html)))
    }
}
