// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import HTTPTypes
import Hummingbird
import Service

/// What people see: the board for a phone, a kiosk and a hall, a person's sheet, and what these load.
struct ScreenRoutes: Sendable {
    private let dependencies: WebDependencies
    private let reader: BoardReader
    private let pages: Pages
    private let contents = RevisionCache { snapshot, department in BoardContent(snapshot, department: department) }

    /// Throws if a template or the catalogue is broken.
    init(_ dependencies: WebDependencies) throws {
        self.dependencies = dependencies
        reader = BoardReader(dependencies)
        pages = try Pages(
            settings: PageSettings(
                place: dependencies.place, instance: dependencies.instance, zone: dependencies.zone,
                kioskRest: dependencies.kioskRest))
    }

    var routes: [Route] {
        BoardLayout.allCases.map { layout in
            Route(path: layout.path) { request, _ in try await board(layout, request) }
        } + [
            Route(path: "/faculty/{id}") { request, context in
                try await person(request, id: context.parameters.get("id") ?? "")
            },
            Route(path: "/assets/{name}") { request, context in
                try asset(request, named: context.parameters.get("name") ?? "")
            },
        ]
    }

    private var moment: PageMoment {
        PageMoment(now: dependencies.now(), speed: dependencies.speed, staleAt: dependencies.board.staleAt)
    }

    private func board(_ layout: BoardLayout, _ request: Request) async throws -> Response {
        let query = BoardQuery(request.uri.query)
        let snapshot = try await reader.snapshot(for: Query(request.uri.query))
        let content = await contents.value(of: snapshot, department: query.department)
        let language = language(of: request, query)
        let html = pages.board(layout, query: query, language: language, content: content, moment: moment)
        return .page(html, revision: snapshot.tag, remembering: layout == .public ? query.language : nil)
    }

    private func person(_ request: Request, id text: String) async throws -> Response {
        guard let id = try? FacultyID(given: text) else { throw Problem.nothingHere }
        let query = BoardQuery(request.uri.query)
        let snapshot = try await reader.snapshot(for: Query(request.uri.query))
        guard let card = snapshot.card(of: id) else { throw Problem.nobody }
        let html = pages.person(
            card, tag: snapshot.tag, query: query, language: language(of: request, query), moment: moment)
        return .page(html, revision: snapshot.tag, remembering: query.layout == .public ? query.language : nil)
    }

    private func asset(_ request: Request, named name: String) throws -> Response {
        guard let asset = Assets.asset(named: name) else { throw Problem.nothingHere }
        let tag = EntityTag(version: asset.version)
        let version = try Query(request.uri.query).value("v")
        var headers: HTTPFields = [:]
        headers[.eTag] = tag.description
        headers[.cacheControl] = Assets.cacheControl(for: asset, version: version)
        guard !tag.isKnown(to: request.headers) else { return Response(status: .notModified, headers: headers) }
        headers[.contentType] = asset.contentType
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: asset.bytes)))
    }

    /// A problem as a page, for a browser that asked for one; nil for programs.
    func page(for problem: Problem, _ request: Request) -> Response? {
        let path = request.uri.path
        let isForPrograms = ["/api/", "/health/", "/assets/"].contains { path.hasPrefix($0) }
        guard !isForPrograms, request.headers[.accept]?.contains("text/html") ?? false else { return nil }
        let query = BoardQuery(request.uri.query)
        let layout = BoardLayout.allCases.first { $0.path == path } ?? query.layout
        let html = pages.problem(
            status: problem.status.code, layout: layout, query: query, language: language(of: request, query))
        var response = Response.page(html, status: problem.status)
        for field in problem.headers { response.headers.append(field) }
        return response
    }

    private func language(of request: Request, _ query: BoardQuery) -> Language {
        Language.negotiate(
            parameter: query.language?.rawValue, cookie: request.cookies["lang"]?.value,
            acceptLanguage: request.headers[.acceptLanguage])
    }
}

extension Response {
    /// A page: true at its moment alone, so nothing keeps it. A language that the reader chose is remembered, but never
    /// on a kiosk, which the next one uses.
    fileprivate static func page(
        _ html: String, status: HTTPResponse.Status = .ok, revision: RevisionTag? = nil,
        remembering language: Language? = nil
    ) -> Response {
        var headers: HTTPFields = [:]
        headers[.contentType] = "text/html; charset=utf-8"
        headers[.cacheControl] = "no-store"
        headers[.revision] = revision?.description
        if let language {
            headers[.setCookie] = "lang=\(language.rawValue); Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax"
        }
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: html)))
    }
}

extension EntityTag {
    /// Of a file in the binary.
    fileprivate init(version: String) {
        description = "\"\(version)\""
    }
}
