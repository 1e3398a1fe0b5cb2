// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Hummingbird
import Service

/// One person's sheet as a page.
struct PersonPages: RouteCollection {
    private let dependencies: WebDependencies
    private let reader: BoardReader
    private let pages: Pages

    init(_ dependencies: WebDependencies, _ pages: Pages, _ reader: BoardReader) {
        self.dependencies = dependencies
        self.pages = pages
        self.reader = reader
    }

    var routes: [Route] {
        [
            .get("/faculty/{id}") { request, context in
                try await person(request, id: context.parameters.get("id") ?? "")
            }
        ]
    }

    private func person(_ request: Request, id text: String) async throws -> Response {
        guard let id = try? FacultyID(given: text) else { throw Problem.noSuchResource }
        let query = BoardQuery(request.uri.query)
        let snapshot = try await reader.snapshot(for: Query(request.uri.query))
        guard let card = snapshot.card(of: id) else { throw Problem.noSuchFaculty }
        let html = pages.person(
            card, tag: snapshot.tag, query: query, language: request.language(query), moment: dependencies.pageMoment)
        return .page(html, revision: snapshot.tag, remembering: query.layout == .public ? query.language : nil)
    }
}
