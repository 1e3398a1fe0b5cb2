// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import HTTPTypes
import Hummingbird

/// What answers one method of one resource.
struct Route: Sendable {
    typealias Handler = @Sendable (Request, WebContext) async throws -> Response

    let method: HTTPRequest.Method
    /// As Hummingbird writes it: `/api/v1/faculty/{id}`.
    let path: String
    let handle: Handler

    /// A route that reads. HEAD is made from it.
    static func get(_ path: String, _ handle: @escaping Handler) -> Route {
        Route(method: .get, path: path, handle: handle)
    }
}

/// The routes of one area: the board, people, the API, streams, health, metrics or assets. `buildRouter` composes them.
protocol RouteCollection: Sendable {
    var routes: [Route] { get }
}
