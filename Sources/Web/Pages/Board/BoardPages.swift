// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Hummingbird
import Service

/// The board as a page: for a phone, a kiosk and a hall.
struct BoardPages: RouteCollection {
    private let dependencies: WebDependencies
    private let reader: BoardReader
    private let pages: Pages
    private let contents = RevisionCache { snapshot, department in BoardContent(snapshot, department: department) }

    init(_ dependencies: WebDependencies, _ pages: Pages, _ reader: BoardReader) {
        self.dependencies = dependencies
        self.pages = pages
        self.reader = reader
    }

    var routes: [Route] {
        BoardLayout.allCases.map { layout in
            .get(layout.path) { request, _ in try await board(layout, request) }
        }
    }

    private func board(_ layout: BoardLayout, _ request: Request) async throws -> Response {
        let query = BoardQuery(request.uri.query)
        let snapshot = try await reader.snapshot(for: Query(request.uri.query))
        let content = await contents.value(of: snapshot, department: query.department)
        let html = pages.board(
            layout, query: query, language: request.language(query), content: content,
            moment: dependencies.pageMoment)
        return .page(html, revision: snapshot.tag, remembering: layout == .public ? query.language : nil)
    }
}
