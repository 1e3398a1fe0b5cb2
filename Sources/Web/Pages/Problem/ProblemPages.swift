// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import HTTPTypes
import Hummingbird

/// Problems as pages, for browsers.
struct ProblemPages: Sendable {
    private let pages: Pages

    init(_ pages: Pages) {
        self.pages = pages
    }

    /// Returns nil unless a browser asked for a page: programs get the problem as it is.
    func page(for problem: Problem, _ request: Request) -> Response? {
        let path = request.uri.path
        let isForPrograms = ["/api/", "/health/", "/assets/"].contains { path.hasPrefix($0) }
        guard !isForPrograms, request.headers[.accept]?.contains("text/html") ?? false else { return nil }
        let query = BoardQuery(request.uri.query)
        let layout = BoardLayout.allCases.first { $0.path == path } ?? query.layout
        let html = pages.problem(
            status: problem.status.code, layout: layout, query: query, language: request.language(query))
        var response = Response.page(html, status: problem.status)
        for field in problem.headers { response.headers.append(field) }
        return response
    }
}
