// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Hummingbird

/// Builds the router of every resource behind one port. Throws if a page can't be made or the time zone is unknown.
package func buildRouter(_ dependencies: WebDependencies) throws -> Router<WebContext> {
    let pages = try Pages(settings: dependencies.pageSettings)
    let routes = allRoutes(dependencies, pages)
    let router = Router(context: WebContext.self, options: .autoGenerateHeadEndpoints)
    router.add(
        middleware: EdgeMiddleware(
            routes: RouteTable(routes), problems: ProblemPages(pages), logger: dependencies.logger))
    for route in routes {
        router.on(RouterPath(route.path), method: route.method, use: route.handle)
    }
    return router
}

func allRoutes(_ dependencies: WebDependencies, _ pages: Pages) -> [Route] {
    (programRoutes(dependencies) + pageRoutes(dependencies, pages) + metricsRoutes(dependencies)).flatMap(\.routes)
}

/// The areas that `openapi.json` describes.
func programRoutes(_ dependencies: WebDependencies) -> [any RouteCollection] {
    [FacultyAPI(dependencies), EventsAPI(dependencies), HealthAPI(dependencies), OpenAPI()]
}

/// The areas that people see, and what their pages load.
private func pageRoutes(_ dependencies: WebDependencies, _ pages: Pages) -> [any RouteCollection] {
    let reader = BoardReader(dependencies)
    return [BoardPages(dependencies, pages, reader), PersonPages(dependencies, pages, reader), AssetRoutes()]
}

/// Described nowhere, since only clients with the token have a use for it.
private func metricsRoutes(_ dependencies: WebDependencies) -> [any RouteCollection] {
    dependencies.metrics.map { [MetricsRoutes(page: $0.page, token: $0.token)] } ?? []
}
