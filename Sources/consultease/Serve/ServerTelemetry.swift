// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Desk
import Domain
import Foundation
import Logging
import NIOCore
import SQL
import Service
import ServiceLifecycle
import Store
import Telemetry
import Web

/// What makes a server seen from outside: its metrics, where they are read, and where its spans go.
struct ServerTelemetry {
    private let settings: Settings
    private let telemetry: Telemetry

    /// Installs what the settings ask for. Called once, before anything that emits is made: a metric keeps the back end that it
    /// was made with.
    init(_ settings: Settings, version: String) {
        self.settings = settings
        telemetry = Telemetry(settings.telemetry, version: version, instance: settings.instance)
        telemetry.install(metrics: isRead)
    }

    private var isRead: Bool { settings.metrics != nil || settings.metricsToken != nil }

    private var page: MetricsPage {
        MetricsPage(contentType: Exposition.contentType) { [registry = telemetry.registry] in registry.text() }
    }

    /// For the pages' own port; nil where there is no token.
    var guardedPage: (page: MetricsPage, token: BearerToken)? { settings.metricsToken.map { (page, $0) } }

    /// What runs beside the server. The first of its parts, so that the last spans are sent.
    func parts(_ store: Store, _ board: Board, _ readiness: any Readiness, logger: Logger) -> [any ServiceLifecycle
        .Service]
    {
        var parts: [any ServiceLifecycle.Service] = []
        if let exporter = telemetry.exporter(logger: logger) { parts.append(exporter) }
        guard isRead else { return parts }
        let registry = telemetry.registry
        registry.observe("consultease.revision") { [([], Double(board.snapshot.revision.number))] }
        registry.observe("consultease.lineage") { [([("lineage", board.snapshot.lineage.rawValue)], 1)] }
        let folder = BackupFolder(in: settings.dataFolder)
        registry.observe("consultease.backup.completed") { [([], folder.newestSeconds)] }
        parts.append(
            Observations(
                [
                    .init("consultease.units") { try await Self.units(store) },
                    .init("consultease.health.ready") {
                        await readiness.checks().map { ([("check", $0.name)], $0.failure == nil ? 1 : 0) }
                    },
                ], in: registry, logger: logger))
        if let listen = settings.metrics {
            let listener = MetricsListener(page, host: listen.host, port: listen.port, logger: logger)
            parts.append(Listening(listener: listener, listen: listen))
        }
        return parts
    }

    /// Desk units by liveness: one row each, so it is asked at intervals and not at a scrape.
    private static func units(_ store: Store) async throws -> Observations.Observation.Answer {
        try await store.read { transaction in
            let rows = try transaction.connection.query(
                """
                SELECT CASE WHEN l.heard_at IS NULL THEN 'never-heard' WHEN l.offline_since IS NOT NULL THEN 'offline'
                        WHEN l.heard_at + l.tolerance <= \(transaction.now) THEN 'silent' ELSE 'live' END AS state,
                    count(*)
                FROM desk_unit u LEFT JOIN unit_link l ON l.unit_id = u.id GROUP BY 1
                """)
            return try rows.map { row in
                ([("state", try row.get(0, as: String.self))], Double(try row.get(1, as: Int64.self)))
            }
        }
    }

    /// Says the remedy where the address is taken.
    private struct Listening: ServiceLifecycle.Service {
        let listener: MetricsListener
        let listen: BrokerConfiguration.Endpoint

        func run() async throws {
            do {
                try await listener.run()
            } catch let error as IOError where error.errnoCode == EADDRINUSE || error.errnoCode == EACCES {
                throw StartError(
                    "cannot listen on \(listen) for metrics: \(String(cString: strerror(error.errnoCode))). Choose another address with --metrics"
                )
            }
        }
    }
}

extension BackupFolder {
    /// When the newest backup was completed, in seconds of UTC; 0 where there is none.
    fileprivate var newestSeconds: Double {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
        return names.filter { $0.hasPrefix("consultease-") && $0.hasSuffix(".backup") }.compactMap { name in
            let attributes = try? FileManager.default.attributesOfItem(atPath: url.appending(path: name).path)
            return (attributes?[.modificationDate] as? Date)?.timeIntervalSince1970.rounded(.down)
        }.max() ?? 0
    }
}
