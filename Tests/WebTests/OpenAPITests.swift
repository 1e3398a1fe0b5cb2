// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Logging
import Store
import Testing

@testable import Web

@Suite("The OpenAPI document", .timeLimit(.minutes(5)))
struct OpenAPITests {
    private static func document(_ edge: Edge) async throws -> [String: any Sendable] {
        let answer = try await edge.request("GET", "/api/v1/openapi.json")
        #expect(answer.status == 200)
        return try answer.json()
    }

    private static func schema(_ name: String, in document: [String: any Sendable]) throws -> [String: any Sendable] {
        let components = document["components"] as? [String: any Sendable]
        let schemas = components?["schemas"] as? [String: any Sendable]
        return try #require(schemas?[name] as? [String: any Sendable])
    }

    @Test func describesExactlyTheResourcesForPrograms() async throws {
        try await withEdge { edge in
            let document = try await Self.document(edge)
            #expect(document["openapi"] as? String == "3.1.0")
            let described = (document["paths"] as? [String: any Sendable] ?? [:]).keys.sorted()
            let dependencies = WebDependencies(
                board: edge.board, readiness: Holding(), now: { edge.store.now }, zone: .utc,
                logger: .init(label: "WebTests"))
            #expect(described == programRoutes(dependencies).flatMap(\.routes).map(\.path).sorted())
        }
    }

    @Test func namesEveryKeyOfACardAndNoOther() async throws {
        try await withEdge { edge in
            let document = try await Self.document(edge)
            let schema = try Self.schema("FacultyData", in: document)
            let card = try await edge.request("GET", "/api/v1/faculty/1").json()
            #expect((schema["required"] as? [String])?.sorted() == card.keys.sorted())
            #expect((schema["properties"] as? [String: any Sendable])?.keys.sorted() == card.keys.sorted())
        }
    }

    @Test func knowsEveryWordThatACardCanSay() async throws {
        try await withEdge { edge in
            let document = try await Self.document(edge)
            let availability = try Self.schema("Availability", in: document)["enum"] as? [String]
            #expect(availability == AvailabilityState.allCases.map(\.rawValue))
            let source = try Self.schema("Source", in: document)["enum"] as? [String]
            #expect(source == EvidenceSource.allCases.map(\.rawValue))
        }
    }
}
