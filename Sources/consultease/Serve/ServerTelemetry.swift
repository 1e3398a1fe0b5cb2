// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Desk
import Domain
import Logging
import Service
import ServiceLifecycle
import Store
import Telemetry
import Web

/// What makes a server seen from outside: its metrics, if they are read, and where its spans go.
struct ServerTelemetry {
    private let settings: Settings
    private let telemetry: Telemetry

    /// Installs what the settings ask for. Called once, before anything that emits is made: a metric keeps the back end
    /// that it was made with.
    init(_ settings: Settings, version: String) {
        self.settings = settings
        telemetry = Telemetry(settings.telemetry, version: version, instance: settings.instance)
        telemetry.install(metrics: isRead)
    }

    private var isRead: Bool { settings.metrics != nil || settings.metricsToken != nil }

    private var page: MetricsPage {
        MetricsPage(contentType: Exposition.contentType) { [registry = telemetry.registry] in registry.text() }
    }

    /// For the pages' own port; nil if there is no token.
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
        registry.observe("consultease.backup.completed") { [([], folder.newest()?.seconds ?? 0)] }
        if let path = settings.database.path {
            registry.observe("consultease.database.wal.size") { [([], Double(WriteAheadLogWatch.size(beside: path)))] }
        }
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
            parts.append(ListeningPart(listen: listen, flag: "--metrics") { try await listener.run() })
        }
        return parts
    }

    /// Desk units by liveness: one row each, so it is asked at intervals and not at a scrape.
    private static func units(_ store: Store) async throws -> Observations.Observation.Answer {
        try await store.read { transaction in
            let counts = try UnitRepository(transaction).counts(at: transaction.now)
            return UnitLiveness.allCases.map { ([("state", $0.rawValue)], Double(counts[$0] ?? 0)) }
        }
    }
}
