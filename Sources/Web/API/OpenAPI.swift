// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Hummingbird

/// `/api/v1/openapi.json`: what this port offers to programs, as OpenAPI 3.1.
struct OpenAPI: RouteCollection {
    /// The document as it stands in `openapi.json`, compiled in.
    static let document = ByteBuffer(bytes: PackageResources.openapi_json)

    var routes: [Route] {
        [
            .get("/api/v1/openapi.json") { _, _ in
                Response(
                    status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-cache"],
                    body: ResponseBody(byteBuffer: Self.document))
            }
        ]
    }
}
