// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Hummingbird

/// `/api/v1/openapi.json`: what this port offers to programs, as OpenAPI 3.1.
enum OpenAPI {
    /// The document as it stands in `openapi.json`, compiled in.
    static let document = ByteBuffer(bytes: PackageResources.openapi_json)

    static var route: Route {
        Route(path: "/api/v1/openapi.json") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-cache"],
                body: ResponseBody(byteBuffer: document))
        }
    }
}
