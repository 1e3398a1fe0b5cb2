// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// One metric that this system emits: its names inside and outside, and its meaning.
package struct KnownMetric: Sendable, Hashable {
    /// The name that the code emits, such as `consultease.update.committed`.
    package let label: String
    package let kind: MetricKind
    package let unit: MetricUnit
    /// One line of help, which ends in a full stop.
    package let help: String
    /// The names of the metric's dimensions in the code.
    package let dimensions: [String]
    /// The possible values of a counter's only dimension, if they are known beforehand.
    package let values: [String]
    /// The metric's name in Prometheus, made from label, unit and kind.
    package let name: String

    init(
        _ label: String, _ kind: MetricKind, _ unit: MetricUnit = .none, by dimensions: [String] = [],
        values: [String] = [], name: String? = nil, help: String
    ) {
        self.label = label
        self.kind = kind
        self.unit = unit
        self.help = help
        self.dimensions = dimensions
        self.values = values
        self.name = name ?? MetricName.prometheus(label, kind, unit)
    }
}

/// The meaning of a metric's numbers to Prometheus.
package enum MetricKind: Sendable, Hashable {
    /// The number only rises.
    case counter
    /// The number rises and falls.
    case gauge
    /// The numbers of values at or below each of the rising `buckets`, in the metric's unit: seconds for durations.
    case histogram(buckets: [Double])

    /// The kind's name in a TYPE line.
    var word: String {
        switch self {
        case .counter: "counter"
        case .gauge: "gauge"
        case .histogram: "histogram"
        }
    }
}

/// A metric's unit. Prometheus and OpenTelemetry ask for base units only.
package enum MetricUnit: String, Sendable, Hashable {
    case none = ""
    case seconds
    case bytes
}
