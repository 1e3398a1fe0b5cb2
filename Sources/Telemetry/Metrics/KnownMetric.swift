// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// One metric that this system emits: what it is called inside and outside, and what it says.
package struct KnownMetric: Sendable, Hashable {
    /// What the code emits, as `consultease.update.committed`.
    package let label: String
    package let kind: MetricKind
    package let unit: MetricUnit
    /// One line for a person; ends in a full stop.
    package let help: String
    /// The names of its dimensions, as the code gives them.
    package let dimensions: [String]
    /// What a counter's only dimension may be, if that is known beforehand.
    package let values: [String]
    /// What Prometheus calls it; made from label, unit and kind.
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

/// What a metric's numbers mean to Prometheus.
package enum MetricKind: Sendable, Hashable {
    /// Only rises.
    case counter
    /// Rises and falls.
    case gauge
    /// How often a value fell at or below each of `buckets`, which rise. In the metric's unit: seconds for durations.
    case histogram(buckets: [Double])

    /// The word of a TYPE line.
    var word: String {
        switch self {
        case .counter: "counter"
        case .gauge: "gauge"
        case .histogram: "histogram"
        }
    }
}

/// A metric's unit. Base units alone, as Prometheus and OpenTelemetry want them.
package enum MetricUnit: String, Sendable, Hashable {
    case none = ""
    case seconds
    case bytes
}
