// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Foundation
import Hummingbird
import Service

/// `/health/live`: the process answers. `/health/ready`: it may be relied on, or which check says no and since when.
struct HealthAPI: Sendable {
    private let readiness: any Readiness

    init(_ dependencies: WebDependencies) {
        readiness = dependencies.readiness
    }

    var routes: [Route] {
        [
            Route(path: "/health/live") { _, _ in .json(.ok, ByteBuffer(string: #"{"status":"ok"}"#)) },
            Route(path: "/health/ready") { _, _ in try await ready() },
        ]
    }

    private func ready() async throws -> Response {
        let checks = await readiness.checks()
        let isReady = checks.allSatisfy { $0.failure == nil }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let body = try encoder.encode(
            Report(status: isReady ? "ready" : "not-ready", checks: checks.map(Report.Check.init)))
        return .json(isReady ? .ok : .serviceUnavailable, ByteBuffer(bytes: body))
    }

    private struct Report: Encodable {
        let status: String
        let checks: [Check]

        struct Check: Encodable {
            let name: String
            let ok: Bool
            /// ISO 8601; null where it holds.
            let since: String?
            let detail: String?

            init(_ check: HealthCheck) {
                name = check.name
                ok = check.failure == nil
                since = check.failure?.since.iso8601
                detail = check.failure?.detail ?? check.detail
            }

            enum CodingKeys: String, CodingKey {
                case name, ok, since, detail
            }

            // Every key is always there: a monitor needn't tell missing from null.
            func encode(to encoder: any Encoder) throws {
                var container = encoder.container(keyedBy: CodingKeys.self)
                try container.encode(name, forKey: .name)
                try container.encode(ok, forKey: .ok)
                try container.encode(since, forKey: .since)
                try container.encode(detail, forKey: .detail)
            }
        }
    }
}
