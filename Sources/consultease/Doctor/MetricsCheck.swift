// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Desk
import Simulation

/// Checks that the metrics' listener answers with this program's metrics.
struct MetricsCheck {
    /// Nil if `--metrics` is off.
    let listen: Endpoint?
    let isServed: Bool

    private static let name = "metrics"

    func run() async -> Finding {
        guard let listen, listen.port > 0 else { return .skipped(Self.name, "--metrics is off") }
        guard isServed else { return .skipped(Self.name, "no server uses the folder now") }
        let address = HTTPAddress(host: listen.reachable.host, port: listen.port)
        let fix =
            "give doctor the --metrics that the server was given; see what listens there: ss -ltnp 'sport = :\(listen.port)'"
        do {
            let reply = try await HTTPFetcher(address).get("/metrics", within: .seconds(5))
            let ours = String(decoding: reply.body, as: UTF8.self).split(separator: "\n").count {
                $0.hasPrefix("consultease_")
            }
            guard reply.status == 200, ours > 0 else {
                return .failed(Self.name, "\(address)/metrics says \(reply.status), with no metric of ours", fix: fix)
            }
            return .ok(Self.name, "\(address)/metrics has \(ours) series")
        } catch {
            return .failed(Self.name, "\(address)/metrics doesn't answer", fix: fix)
        }
    }
}
