// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import CoreMetrics
import Instrumentation
package import Logging
import ServiceLifecycle

/// The back ends of one process, put together: metrics that Prometheus reads, and spans that a collector is sent.
///
/// Made and installed once, at the start of the command, before anything else emits. A process that isn't asked for
/// either installs nothing: what emits then costs about nothing.
package struct Telemetry: Sendable {
    package let registry: MetricRegistry
    private let settings: TelemetrySettings
    private let buffer: SpanBuffer?
    private let version: String
    private let instance: String?

    /// - Parameter instance: this server's name among several on one database.
    package init(_ settings: TelemetrySettings, version: String, instance: String? = nil) {
        self.settings = settings
        self.version = version
        self.instance = instance
        registry = MetricRegistry()
        buffer = settings.endpoint.map { [registry] _ in SpanBuffer(factory: PrometheusMetrics(registry)) }
        ProcessMetrics.observe(in: registry)
        registry.observe("consultease.build") { [([("version", version), ("swift", Self.swift)], 1)] }
    }

    /// Makes these the back ends of the whole process. Once a process.
    ///
    /// - Parameter metrics: whether anybody can read them; without it nothing is counted.
    package func install(metrics: Bool) {
        if metrics {
            registry.prepare()
            MetricsSystem.bootstrap(self.metrics)
        }
        if let buffer {
            InstrumentationSystem.bootstrap(OpenTelemetryTracer(sampler: settings.sampler, buffer: buffer))
        }
    }

    package var metrics: any MetricsFactory { PrometheusMetrics(registry) }

    /// Runs beside the server, begun before it and ended after it: sends the spans. Nil if nothing is traced.
    package func exporter(logger: Logger) -> SpanExporter? {
        guard let buffer, let endpoint = settings.endpoint else { return nil }
        return SpanExporter(
            buffer, to: endpoint, from: settings.resource(version: version, instance: instance), version: version,
            factory: metrics, logger: logger)
    }

    private static var swift: String {
        #if compiler(>=6.4)
            "6.4 or later"
        #elseif compiler(>=6.3)
            "6.3"
        #else
            "6.2"
        #endif
    }
}
