// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Synchronization

/// Holds all series of this process by their Prometheus names. Any thread may use it. Making a series takes a short
/// lock; using one doesn't.
///
/// A metric has at most `seriesLimit` series. A caller that asks for one more shares the series
/// `{otel_metric_overflow="true"}` (OpenTelemetry metrics SDK, "Cardinality limits"), and the registry counts it.
package final class MetricRegistry: Sendable {
    package static let defaultSeriesLimit = 500

    private let seriesLimit: Int
    private let state = Mutex(State())
    private let overflows = CounterSeries()

    enum Series: Sendable {
        case counter(CounterSeries)
        case gauge(GaugeSeries)
        case histogram(HistogramSeries)

        var object: AnyObject {
            switch self {
            case .counter(let series): series
            case .gauge(let series): series
            case .histogram(let series): series
            }
        }

        var value: Exposition.Value {
            switch self {
            case .counter(let series): .number(series.value)
            case .gauge(let series): .number(series.value)
            case .histogram(let series): series.value
            }
        }
    }

    /// A function that each scrape calls for current values. It must not block or call this registry.
    package typealias Reading = @Sendable () -> [(dimensions: [(String, String)], value: Double)]

    private struct Family {
        let metric: KnownMetric
        var series: [[Exposition.Label]: Series] = [:]
    }

    private struct State {
        var families: [String: Family] = [:]
        var readings: [(metric: KnownMetric, read: Reading)] = []
    }

    package init(seriesLimit: Int = MetricRegistry.defaultSeriesLimit) {
        precondition(seriesLimit > 0, "a metric needs a series")
        self.seriesLimit = seriesLimit
    }

    /// Returns the series of a metric with these dimensions, always the same one. If another kind of metric has the
    /// name already, returns a new series that no reader sees.
    func series(of metric: KnownMetric, _ dimensions: [(String, String)]) -> Series {
        let labels = Self.labels(dimensions)
        let (series, overflowed) = state.withLock { state -> (Series, Bool) in
            var family = state.families[metric.name] ?? Family(metric: metric)
            guard family.metric.kind == metric.kind else { return (Self.make(metric.kind), false) }
            if let known = family.series[labels] { return (known, false) }
            let isOver = family.series.count >= seriesLimit
            let key = isOver ? Self.overflow : labels
            let series = family.series[key] ?? Self.make(metric.kind)
            family.series[key] = series
            state.families[metric.name] = family
            return (series, isOver)
        }
        if overflowed { overflows.increment(by: Int64(1)) }
        return series
    }

    /// Makes the series that are known beforehand.
    package func prepare() {
        for metric in MetricCatalogue.countedFromTheStart {
            guard let dimension = metric.dimensions.first else {
                _ = series(of: metric, [])
                continue
            }
            for value in metric.values { _ = series(of: metric, [(dimension, value)]) }
        }
    }

    /// Calls `read` at each scrape for the series of a metric, which must be in the catalogue.
    package func observe(_ label: String, _ read: @escaping Reading) {
        guard let metric = MetricCatalogue.byLabel[label] else {
            preconditionFailure("\(label) is not in the catalogue of metrics")
        }
        state.withLock { $0.readings.append((metric, read)) }
    }

    /// Removes a series that will not be used again.
    func forget(_ object: AnyObject) {
        state.withLock { state in
            for (name, family) in state.families {
                guard let key = family.series.first(where: { $0.value.object === object })?.key else { continue }
                state.families[name]?.series.removeValue(forKey: key)
                return
            }
        }
    }

    /// Returns all current values. It calls the readings on the calling thread, without holding the lock.
    package func families() -> [Exposition.Family] {
        let (known, readings) = state.withLock { ($0.families, $0.readings) }
        var families = known.mapValues { family in
            Exposition.Family(
                name: family.metric.name, help: family.metric.help, kind: family.metric.kind,
                series: family.series.map { Exposition.Series(labels: $0.key, value: $0.value.value) })
        }
        for (metric, read) in readings {
            let series = read().map {
                Exposition.Series(labels: Self.labels($0.dimensions), value: .number($0.value))
            }
            families[
                metric.name, default: .init(name: metric.name, help: metric.help, kind: metric.kind, series: [])
            ].series += series
        }
        if let metric = MetricCatalogue.byLabel["consultease.telemetry.series.overflow"] {
            families[metric.name] = Exposition.Family(
                name: metric.name, help: metric.help, kind: metric.kind,
                series: [.init(labels: [], value: .number(overflows.value))])
        }
        return Array(families.values)
    }

    /// Returns all current values in Prometheus' text format.
    package func text() -> String { Exposition.text(families()) }

    private static let overflow = [Exposition.Label(name: "otel_metric_overflow", value: "true")]

    /// Returns the labels in sorted order, so that the order of the dimensions makes no difference; of two with one
    /// name the first counts.
    private static func labels(_ dimensions: [(String, String)]) -> [Exposition.Label] {
        var labels: [Exposition.Label] = []
        for (name, value) in dimensions {
            let name = MetricName.label(name)
            if !labels.contains(where: { $0.name == name }) { labels.append(.init(name: name, value: value)) }
        }
        return labels.sorted { $0.name < $1.name }
    }

    private static func make(_ kind: MetricKind) -> Series {
        switch kind {
        case .counter: .counter(CounterSeries())
        case .gauge: .gauge(GaugeSeries())
        case .histogram(let buckets): .histogram(HistogramSeries(bounds: buckets))
        }
    }
}
