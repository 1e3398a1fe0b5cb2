// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Desk
import Foundation
import Simulation

/// The pages: whether the server that holds the folder says that it is ready.
struct PagesCheck {
    let listen: BrokerConfiguration.Endpoint
    let isServed: Bool

    private static let name = "pages"

    func run() async -> Finding {
        guard isServed else { return .skipped(Self.name, "nobody serves the folder now") }
        guard listen.port > 0 else { return .skipped(Self.name, "--listen has port 0: any free one") }
        let host = ["0.0.0.0", "::"].contains(listen.host) ? "127.0.0.1" : listen.host
        let address = HTTPAddress(host: host, port: listen.port)
        do {
            let reply = try await HTTPFetcher(address).get("/health/ready", within: .seconds(5))
            return reply.status == 200 ? .ok(Self.name, "\(address) is ready") : unready(address, reply)
        } catch {
            return .failed(
                Self.name, "\(address)/health/ready doesn't answer\(Self.reason(error))",
                fix: "give doctor the --listen that the server was given; else read the server's log")
        }
    }

    private static func reason(_ error: any Error) -> String {
        switch error as? HTTPFetchError {
        case .timedOut: " in time"
        case .cutShort, .bodyTooLong, .status: " as a web server does"
        case nil: ""
        }
    }

    private func unready(_ address: HTTPAddress, _ reply: HTTPReply) -> Finding {
        let report = try? JSONDecoder().decode(Report.self, from: Data(reply.body))
        let failing = report?.checks.filter { !$0.ok } ?? []
        guard !failing.isEmpty else {
            return .failed(
                Self.name, "\(address)/health/ready says \(reply.status)",
                fix: "is it ConsultEase that listens there? ss -ltnp 'sport = :\(listen.port)'")
        }
        let details = failing.map { "\($0.name): \($0.detail ?? "not ready") (since \($0.since ?? "?"))" }
        return .failed(
            Self.name, "\(address) is not ready: \(details.joined(separator: "; "))",
            fix: "see the checks of the same name here, and the server's log")
    }

    private struct Report: Decodable {
        let checks: [Check]

        struct Check: Decodable {
            let name: String
            let ok: Bool
            let detail: String?
            let since: String?
        }
    }
}
