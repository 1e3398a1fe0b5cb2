// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Hummingbird

/// Every resource of the HTTP edge behind one port. Throws if a page can't be made or the time zone is unknown.
package func buildRouter(_ dependencies: WebDependencies) throws -> Router<WebContext> {
    let screens = try ScreenRoutes(dependencies)
    let routes = programRoutes(dependencies) + screens.routes + metricsRoutes(dependencies)
    let router = Router(context: WebContext.self, options: .autoGenerateHeadEndpoints)
    router.add(
        middleware: EdgeMiddleware(
            routes: RouteTable(paths: routes.map(\.path)), screens: screens, logger: dependencies.logger))
    for route in routes {
        router.get(RouterPath(route.path), use: route.get)
    }
    return router
}

/// Described nowhere: it is there for those who have its token alone.
private func metricsRoutes(_ dependencies: WebDependencies) -> [Route] {
    guard let (page, token) = dependencies.metrics else { return [] }
    return [Route(path: MetricsPage.path) { request, _ in try page.answer(request, token: token) }]
}

/// The resources that `openapi.json` describes.
func programRoutes(_ dependencies: WebDependencies) -> [Route] {
    FacultyAPI(dependencies).routes + EventsAPI(dependencies).routes + HealthAPI(dependencies).routes
        + [OpenAPI.route]
}
