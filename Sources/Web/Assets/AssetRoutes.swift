// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import HTTPTypes
import Hummingbird

/// `/assets/{name}`: styles, scripts and marks.
struct AssetRoutes: RouteCollection {
    var routes: [Route] {
        [
            .get("/assets/{name}") { request, context in
                try asset(request, named: context.parameters.get("name") ?? "")
            }
        ]
    }

    private func asset(_ request: Request, named name: String) throws -> Response {
        guard let asset = Assets.asset(named: name) else { throw Problem.noSuchResource }
        let tag = EntityTag(version: asset.version)
        let version = try Query(request.uri.query).value("v")
        var headers: HTTPFields = [:]
        headers[.eTag] = tag.description
        headers[.cacheControl] = Assets.cacheControl(for: asset, version: version)
        guard !tag.isKnown(to: request.headers) else { return Response(status: .notModified, headers: headers) }
        headers[.contentType] = asset.contentType
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: asset.bytes)))
    }
}

extension EntityTag {
    /// The tag of a file in the binary.
    fileprivate init(version: String) {
        description = "\"\(version)\""
    }
}
