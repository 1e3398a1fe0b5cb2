// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import CoreMetrics
import Instrumentation
package import Logging
import ServiceLifecycle

/// The back ends of one process: metrics that Prometheus reads, and spans that go to a collector.
///
/// The command makes and installs it once, at its start, before anything emits. A back end that isn't asked for is not
/// installed; emitting then costs almost nothing.
package struct Telemetry: Sendable {
    package let registry: MetricRegistry
    private let settings: TelemetrySettings
    private let buffer: SpanBuffer?
    private let version: String
    private let instance: String?

    /// - Parameter instance: this server's name, if several servers share one database.
    package init(_ settings: TelemetrySettings, version: String, instance: String? = nil) {
        self.settings = settings
        self.version = version
        self.instance = instance
        registry = MetricRegistry()
        buffer = settings.endpoint.map { [registry] _ in SpanBuffer(factory: PrometheusMetrics(registry)) }
        ProcessMetrics.observe(in: registry)
        registry.observe("consultease.build") { [([("version", version), ("swift", Self.swift)], 1)] }
    }

    /// Makes these the back ends of the whole process. Call it once per process.
    ///
    /// - Parameter metrics: whether a client can read the metrics; if not, none are counted.
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

    /// Returns the service that sends the spans; it starts before the server and ends after it. Nil if nothing is
    /// traced.
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
