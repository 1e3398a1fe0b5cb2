// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Service
import Testing

@testable import Web

@Suite("Every answer", .timeLimit(.minutes(5)))
struct AnswerTests {
    struct Refusal: Sendable, CustomTestStringConvertible {
        let method: String
        let target: String
        let status: Int
        let problem: String

        init(_ method: String, _ target: String, _ status: Int, _ problem: String) {
            self.method = method
            self.target = target
            self.status = status
            self.problem = problem
        }

        var testDescription: String { "\(method) \(target)" }
    }

    static let refusals = [
        Refusal("GET", "/api/v1/nowhere", 404, "no-such-resource"),
        Refusal("GET", "/api/v1/faculty/1/2", 404, "no-such-resource"),
        Refusal("POST", "/api/v1/nowhere", 404, "no-such-resource"),
        Refusal("GET", "/api/v1/faculty/10", 404, "no-such-faculty"),
        Refusal("GET", "/api/v1/faculty/9007199254740991", 404, "no-such-faculty"),
        Refusal("GET", "/api/v1/faculty/9007199254740992", 400, "malformed-parameter"),
        Refusal("GET", "/api/v1/faculty/0", 400, "malformed-parameter"),
        Refusal("GET", "/api/v1/faculty/01", 400, "malformed-parameter"),
        Refusal("GET", "/api/v1/faculty/-1", 400, "malformed-parameter"),
        Refusal("GET", "/api/v1/faculty/x%zz", 400, "malformed-parameter"),
        Refusal("GET", "/api/v1/faculty?at-least=12", 400, "malformed-parameter"),
        Refusal("GET", "/api/v1/faculty?at-least=", 400, "malformed-parameter"),
        Refusal("GET", "/api/v1/faculty?at-least=webtests0001-01", 400, "malformed-parameter"),
        Refusal("GET", "/api/v1/faculty?at-least=webtests0001-1&at-least=webtests0001-1", 400, "malformed-parameter"),
        Refusal("GET", "/api/v1/faculty?department=%ff", 400, "malformed-parameter"),
        Refusal(
            "GET", "/api/v1/faculty?department=\(String(repeating: "x", count: 201))", 400, "malformed-parameter"),
        Refusal("GET", "/api/v1/events?after=nonsense", 400, "malformed-parameter"),
        Refusal("DELETE", "/api/v1/faculty/1", 405, "method-not-allowed"),
        Refusal("POST", "/api/v1/events", 405, "method-not-allowed"),
        Refusal("PROPFIND", "/health/live", 405, "method-not-allowed"),
    ]

    @Test(arguments: refusals)
    func refusesWithAProblemThatNamesTheRemedy(_ refusal: Refusal) async throws {
        try await withEdge { edge in
            let answer = try await edge.request(refusal.method, refusal.target)
            #expect(answer.status == refusal.status)
            #expect(try answer.problem() == refusal.problem)
            let body = try answer.json()
            #expect(body["status"] as? Int == refusal.status)
            #expect((body["detail"] as? String)?.isEmpty == false && (body["title"] as? String)?.isEmpty == false)
            #expect((answer.fields["allow"] == "GET, HEAD") == (refusal.status == 405))
        }
    }

    @Test func carriesTheRevisionAndTheProtectionsWhateverWasAsked() async throws {
        try await withEdge { edge in
            let requests =
                Self.refusals.map { ($0.method, $0.target) } + [
                    ("GET", "/api/v1/faculty"), ("GET", "/api/v1/faculty/1"), ("GET", "/health/live"),
                    ("GET", "/health/ready"), ("GET", "/api/v1/openapi.json"), ("HEAD", "/api/v1/faculty"),
                    ("HEAD", "/api/v1/events"), ("OPTIONS", "/api/v1/faculty"),
                ]
            for (method, target) in requests {
                let answer = try await edge.request(method, target)
                Self.expectStamp(answer.fields, edge, "\(method) \(target)")
            }
            try await edge.events { reader in Self.expectStamp(reader.fields, edge, "stream") }
        }
    }

    @Test func carriesThemEvenWhereTheBytesAreNoHTTP() async throws {
        try await withEdge { edge in
            let fields = try await withConnection(to: edge.port) { connection in
                try await connection.send("this is no request\r\n\r\n")
                let (status, fields) = try await connection.head()
                #expect(status == 400)
                return fields
            }
            Self.expectStamp(fields, edge, "nonsense")
        }
    }

    private static func expectStamp(_ fields: [String: String], _ edge: Edge, _ what: String) {
        #expect(fields["consultease-revision"] == "\(edge.tag)", "\(what)")
        #expect(fields["content-security-policy"]?.hasPrefix("default-src 'none'") == true, "\(what)")
        #expect(fields["x-content-type-options"] == "nosniff", "\(what)")
        #expect(fields["referrer-policy"] == "same-origin", "\(what)")
        #expect(fields["cross-origin-resource-policy"] == "same-origin", "\(what)")
        #expect(fields["server"] == nil, "\(what)")
    }

    @Test(arguments: ["/api/v1/faculty", "/api/v1/faculty/1", "/api/v1/nowhere", "/health/ready", "/api/v1/events"])
    func toHEADIsThatToGETWithoutItsBody(_ target: String) async throws {
        try await withEdge { edge in
            // If a body were sent, the client would read it as the head of the second answer.
            try await withConnection(to: edge.port) { connection in
                try await connection.send("HEAD", target)
                let first = try await connection.answer(to: "HEAD")
                try await connection.send("GET", "/api/v1/faculty/77")
                let second = try await connection.answer()
                #expect(second.status == 404)
                #expect(first.status == (target.hasSuffix("nowhere") ? 404 : 200))
            }
            #expect(edge.board.subscriberCount == 0)
        }
    }

    @Test func ignoresUnknownParameters() async throws {
        try await withEdge { edge in
            let long = String(repeating: "x", count: 1000)
            let answer = try await edge.request("GET", "/api/v1/faculty?utm=%zz&q=\(long)&&=&department")
            #expect(answer.status == 200)
        }
    }
}
