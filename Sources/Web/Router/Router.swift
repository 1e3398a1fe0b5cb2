// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Hummingbird

/// Every resource of the HTTP edge behind one port.
package func buildRouter(_ dependencies: WebDependencies) throws -> Router<WebContext> {
    let routes =
        FacultyAPI(dependencies).routes + EventsAPI(dependencies).routes + HealthAPI(dependencies).routes
        + [OpenAPI.route]
    let router = Router(context: WebContext.self, options: .autoGenerateHeadEndpoints)
    router.add(
        middleware: EdgeMiddleware(
            routes: RouteTable(paths: routes.map(\.path)), logger: dependencies.logger))
    for route in routes {
        router.get(RouterPath(route.path), use: route.get)
    }
    return router
}
