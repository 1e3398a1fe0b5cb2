// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import HTTPTypes
import Logging
import Store
import Testing

@testable import Web

@Suite("Each resource answers its methods and names them to others", .timeLimit(.minutes(5)))
struct RoutesTests {
    private static let table = RouteTable([
        .get("/api/v1/faculty") { _, _ in throw Problem.noSuchResource },
        .get("/api/v1/faculty/{id}") { _, _ in throw Problem.noSuchResource },
        Route(method: .post, path: "/api/v1/faculty") { _, _ in throw Problem.noSuchResource },
        Route(method: .delete, path: "/api/v1/faculty/{id}") { _, _ in throw Problem.noSuchResource },
    ])

    @Test(arguments: [
        ("/api/v1/faculty", ["GET", "HEAD", "POST"]), ("/api/v1/faculty/", ["GET", "HEAD", "POST"]),
        ("/api/v1/faculty/7", ["GET", "HEAD", "DELETE"]), ("/api/v1", []), ("/", []), ("/api/v1/faculty/7/8", []),
    ])
    func theTableTellsWhichMethodsAPathTakes(_ path: String, _ expected: [String]) {
        #expect(Self.table.methods(of: path).map(\.rawValue) == expected)
    }

    @Test func aRefusedMethodIsToldWhichOnesTheResourceTakes() {
        let problem = Problem.methodNotAllowed([.get, .head, .post])
        #expect(problem.headers[.allow] == "GET, HEAD, POST")
        #expect(problem.detail.contains("GET, HEAD, POST"))
    }

    private static let paths = [
        "/", "/kiosk", "/hall", "/faculty/1", "/assets/screens.css", "/api/v1/faculty", "/api/v1/faculty/1",
        "/api/v1/events", "/api/v1/openapi.json", "/health/live", "/health/ready",
    ]

    @Test(arguments: paths)
    func everyOtherMethodOfAResourceIsRefusedByNameAndChangesNothing(_ path: String) async throws {
        try await withEdge { edge in
            let before = edge.tag
            for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"] {
                let answer = try await edge.request(method, path)
                #expect(answer.status == 405, "\(method) \(path)")
                #expect(answer.fields["allow"] == "GET, HEAD", "\(method) \(path)")
                #expect(try answer.problem() == "method-not-allowed")
            }
            #expect(try await edge.request("HEAD", path).status == 200)
            #expect(edge.tag == before)
        }
    }

    @Test func theTestAboveKnowsEveryResource() async throws {
        try await withEdge { edge in
            let dependencies = WebDependencies(
                board: edge.board, readiness: Holding(), now: { edge.store.now }, zone: .utc,
                logger: Logger(label: "WebTests"))
            let pages = try Pages(settings: dependencies.pageSettings)
            for route in allRoutes(dependencies, pages) {
                let table = RouteTable([route])
                #expect(Self.paths.contains { !table.methods(of: $0).isEmpty }, "no path above names \(route.path)")
            }
        }
    }

    @Test func aBrowserIsToldOfARefusedMethodByAPage() async throws {
        try await withEdge { edge in
            let answer = try await edge.request("POST", "/kiosk", ["Accept": "text/html"])
            #expect(answer.status == 405)
            #expect(answer.fields["allow"] == "GET, HEAD")
            #expect(answer.fields["content-type"] == "text/html; charset=utf-8")
        }
    }
}
