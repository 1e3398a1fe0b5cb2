// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Service
import Testing

@testable import Web

@Suite("Health", .timeLimit(.minutes(5)))
struct HealthTests {
    @Test func aServerThatAnswersIsLive() async throws {
        try await withEdge { edge in
            let answer = try await edge.request("GET", "/health/live")
            #expect(answer.status == 200)
            #expect(try answer.json()["status"] as? String == "ok")
            #expect(answer.fields["cache-control"] == "no-store")
        }
    }

    @Test func isReadyWhereEveryCheckHolds() async throws {
        try await withEdge { edge in
            let answer = try await edge.request("GET", "/health/ready")
            #expect(answer.status == 200)
            #expect(try answer.json()["status"] as? String == "ready")
        }
    }

    /// Any client may ask for this.
    @Test func hidesTheDatabasesAddress() async throws {
        struct Failing: Readiness {
            func checks() async -> [HealthCheck] {
                ["database", "leader", "broker", "ingest", "board", "whatever"].map { name in
                    HealthCheck(
                        name: name,
                        failure: .init(
                            detail: #"no route to user "ada" at db.internal:5432/consultease"#,
                            since: Timestamp(milliseconds: 1_795_507_200_000)))
                }
            }
        }
        try await withEdge(readiness: Failing()) { edge in
            let answer = try await edge.request("GET", "/health/ready")
            for secret in ["ada", "db.internal", "5432", "consultease"] { #expect(!answer.body.contains(secret)) }
            let checks = try answer.json()["checks"] as? [[String: any Sendable]] ?? []
            #expect(checks.allSatisfy { ($0["detail"] as? String)?.isEmpty == false })
        }
    }

    @Test func saysWhichCheckFailsAndSinceWhen() async throws {
        struct Failing: Readiness {
            func checks() async -> [HealthCheck] {
                [
                    HealthCheck(name: "database"),
                    HealthCheck(
                        name: "broker",
                        failure: .init(
                            detail: "the connection was refused", since: Timestamp(milliseconds: 1_795_507_200_000))),
                ]
            }
        }
        try await withEdge(readiness: Failing()) { edge in
            let answer = try await edge.request("GET", "/health/ready")
            #expect(answer.status == 503)
            let body = try answer.json()
            #expect(body["status"] as? String == "not-ready")
            let checks = body["checks"] as? [[String: any Sendable]] ?? []
            #expect(checks.map { $0["name"] as? String } == ["database", "broker"])
            #expect(checks.map { $0["ok"] as? Bool } == [true, false])
            #expect(checks.last?["since"] as? String == "2026-11-24T08:00:00Z")
            #expect(checks.last?["detail"] as? String == "there is no session with the broker")
            #expect(checks.first?.keys.sorted() == ["detail", "name", "ok", "since"])
        }
    }
}
