// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import CoreMetrics

/// Implements swift-metrics: every handler is a series of a `MetricRegistry`.
///
/// Install it with `MetricsSystem.bootstrap` before any metric is made: a metric keeps the back end that it was made
/// with.
package struct PrometheusMetrics: MetricsFactory {
    package let registry: MetricRegistry

    package init(_ registry: MetricRegistry) {
        self.registry = registry
    }

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        counter(label, dimensions)
    }

    package func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        counter(label, dimensions)
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        gauge(label, dimensions)
    }

    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        guard aggregate else { return gauge(label, dimensions) }
        return histogram(
            label, dimensions, .init(label, .histogram(buckets: MetricCatalogue.counts), help: Self.unknown))
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        histogram(
            label, dimensions, .init(label, .histogram(buckets: MetricCatalogue.seconds), .seconds, help: Self.unknown))
    }

    package func destroyCounter(_ handler: any CounterHandler) { registry.forget(handler) }
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { registry.forget(handler) }
    package func destroyMeter(_ handler: any MeterHandler) { registry.forget(handler) }
    package func destroyRecorder(_ handler: any RecorderHandler) { registry.forget(handler) }
    package func destroyTimer(_ handler: any TimerHandler) { registry.forget(handler) }

    /// The help text of a dependency's metrics; the catalogue has all others.
    private static let unknown = "Emitted by a library."

    private func counter(_ label: String, _ dimensions: [(String, String)]) -> CounterSeries {
        let metric = MetricCatalogue.byLabel[label] ?? KnownMetric(label, .counter, help: Self.unknown)
        guard case .counter(let series) = registry.series(of: metric, dimensions) else { return CounterSeries() }
        return series
    }

    private func gauge(_ label: String, _ dimensions: [(String, String)]) -> GaugeSeries {
        let metric = MetricCatalogue.byLabel[label] ?? KnownMetric(label, .gauge, help: Self.unknown)
        guard case .gauge(let series) = registry.series(of: metric, dimensions) else { return GaugeSeries() }
        return series
    }

    private func histogram(
        _ label: String, _ dimensions: [(String, String)], _ otherwise: @autoclosure () -> KnownMetric
    ) -> HistogramSeries {
        guard
            case .histogram(let series) = registry.series(
                of: MetricCatalogue.byLabel[label] ?? otherwise(), dimensions)
        else { return HistogramSeries(bounds: []) }
        return series
    }
}
