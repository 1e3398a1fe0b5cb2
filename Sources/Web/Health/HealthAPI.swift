// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Foundation
import Hummingbird
import Logging
import Service
import Synchronization

/// `/health/live` says that the process answers, `/health/ready` whether it may be relied on: if not, which check fails
/// and since when.
///
/// Every client may ask, so a failure is told in words that name no host and no database, and no user except one whose
/// session keeps the server from writing. The log and `doctor` have the reason.
struct HealthAPI: RouteCollection {
    private let readiness: any Readiness
    private let logger: Logger
    private let logged = FailuresLogged()

    init(_ dependencies: WebDependencies) {
        readiness = dependencies.readiness
        logger = dependencies.logger
    }

    var routes: [Route] {
        [
            .get("/health/live") { _, _ in .json(.ok, ByteBuffer(string: #"{"status":"ok"}"#)) },
            .get("/health/ready") { _, _ in try await ready() },
        ]
    }

    private func ready() async throws -> Response {
        let checks = await readiness.checks()
        let (new, isBack) = logged.changes(in: checks)
        for check in new {
            logger.warning(
                "Not ready", metadata: ["check": "\(check.name)", "reason": "\(check.failure?.detail ?? "")"])
        }
        if isBack { logger.notice("Ready again: every check holds") }
        let isReady = checks.allSatisfy { $0.failure == nil }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let body = try encoder.encode(
            Report(
                status: isReady ? "ready" : "not-ready", role: readiness.role, checks: checks.map(Report.Check.init)))
        return .json(isReady ? .ok : .serviceUnavailable, ByteBuffer(bytes: body))
    }

    private struct Report: Encodable {
        let status: String
        /// What this server is among several: missing if it has no part.
        let role: String?
        let checks: [Check]

        struct Check: Encodable {
            let name: String
            let ok: Bool
            /// ISO 8601; null if it holds.
            let since: String?
            let detail: String?

            init(_ check: HealthCheck) {
                name = check.name
                ok = check.failure == nil
                since = check.failure?.since.iso8601
                let failure = check.failure.map { _ in Self.words(for: check.name) }
                detail = [failure, check.detail].compactMap(\.self).joined(separator: "; ").nilIfEmpty
            }

            private static func words(for name: String) -> String {
                switch name {
                case "database": "the database takes no writes"
                case "leader": "this server does not lead, and may not be relied on as a standby"
                case "broker": "there is no session with the broker"
                case "queue": "the broker dropped messages that it had acknowledged"
                case "ingest": "messages are not stored, or wait for too long"
                case "board": "the board can't follow the database"
                default: "it does not hold"
                }
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

extension String {
    fileprivate var nilIfEmpty: String? { isEmpty ? nil : self }
}

/// Which failures the log has, so that it has each once, however often monitors ask.
private final class FailuresLogged: Sendable {
    private let names = Mutex<Set<String>>([])

    /// Those of the checks that have begun to fail; and whether all hold again, as they did not when last asked.
    func changes(in checks: [HealthCheck]) -> (new: [HealthCheck], isBack: Bool) {
        let failing = checks.filter { $0.failure != nil }
        return names.withLock { names in
            defer { names = Set(failing.map(\.name)) }
            return (failing.filter { !names.contains($0.name) }, failing.isEmpty && !names.isEmpty)
        }
    }
}
