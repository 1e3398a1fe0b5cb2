// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Desk
import Domain
import Foundation
import Simulation

/// Checks that a server is ready and shows the lineage that the database has.
struct PagesCheck {
    /// `pages` for the server of this folder, `peer` for another instance.
    let name: String
    let listen: Endpoint
    /// The database's lineage; nil if it can't be read.
    let lineage: Lineage?

    /// The server of this folder.
    static func own(_ settings: Settings, isServed: Bool, _ lineage: Lineage?) async -> Finding {
        guard isServed else { return .skipped("pages", "no server uses the folder now") }
        guard settings.listen.port > 0 else { return .skipped("pages", "--listen has port 0: any free one") }
        return await PagesCheck(name: "pages", listen: settings.listen, lineage: lineage).run()
    }

    func run() async -> Finding {
        let address = HTTPAddress(host: listen.reachable.host, port: listen.port)
        do {
            let reply = try await HTTPFetcher(address).get("/health/ready", within: .seconds(5))
            guard reply.status == 200 else { return unready(address, reply) }
            return stranger(address, reply) ?? .ok(name, "\(address) is ready\(Self.instance(reply))")
        } catch {
            let fix =
                name == "pages"
                ? "give doctor the --listen that the server was given; else read the server's log"
                : "is it up, and does a firewall let this machine through? Read its log"
            return .failed(name, "\(address)/health/ready doesn't answer\(Self.reason(error))", fix: fix)
        }
    }

    private static func reason(_ error: any Error) -> String {
        switch error as? HTTPFetchError {
        case .timedOut: " in time"
        case .cutShort, .bodyTooLong, .status: " as a web server does"
        case nil: ""
        }
    }

    private static func header(_ name: String, _ reply: HTTPReply) -> String? {
        reply.headers.first { $0.0.lowercased() == name }?.1
    }

    private static func instance(_ reply: HTTPReply) -> String {
        header("consultease-instance", reply).map { ", its name is \($0)" } ?? ""
    }

    /// Reads the lineage from a response: each has its revision in a header, which begins with the lineage.
    private func stranger(_ address: HTTPAddress, _ reply: HTTPReply) -> Finding? {
        guard let lineage else { return nil }
        guard let shown = Self.header("consultease-revision", reply).flatMap(RevisionTag.init) else {
            return .failed(
                name, "\(address) answers, but not as ConsultEase does",
                fix: "see what listens there: ss -ltnp 'sport = :\(listen.port)'")
        }
        guard shown.lineage != lineage else { return nil }
        return .failed(
            name, "\(address) shows the lineage \(shown.lineage), the database has \(lineage)",
            fix: "it was given another --database, or has not seen that this one was restored: restart it")
    }

    private func unready(_ address: HTTPAddress, _ reply: HTTPReply) -> Finding {
        let report = try? JSONDecoder().decode(Report.self, from: Data(reply.body))
        let failing = report?.checks.filter { !$0.ok } ?? []
        guard !failing.isEmpty else {
            return .failed(
                name, "\(address)/health/ready says \(reply.status)",
                fix: "is it ConsultEase that listens there? ss -ltnp 'sport = :\(listen.port)'")
        }
        let details = failing.map { "\($0.name): \($0.detail ?? "not ready") (since \($0.since ?? "?"))" }
        return .failed(
            name, "\(address) is not ready: \(details.joined(separator: "; "))",
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
