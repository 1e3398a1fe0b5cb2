// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import CoreMetrics
package import Logging
import ServiceLifecycle

/// Records gauges whose values are too slow to fetch during a scrape. Each is fetched at intervals, independently of
/// the others.
///
/// A series that is missing from an answer is removed, so that no reader takes an old number for a current one.
package struct Observations: Service {
    /// One gauge and the function that fetches its values.
    package struct Observation: Sendable {
        package typealias Answer = [(dimensions: [(String, String)], value: Double)]

        let label: String
        let read: @Sendable () async throws -> Answer

        /// Makes an observation of `label`, a gauge of the catalogue. `read` may wait for a database.
        package init(_ label: String, _ read: @escaping @Sendable () async throws -> Answer) {
            precondition(MetricCatalogue.byLabel[label]?.kind == .gauge, "\(label) is no gauge of the catalogue")
            self.label = label
            self.read = read
        }
    }

    /// Short enough for an alert that waits a minute.
    package static let defaultInterval = Duration.seconds(10)

    private let observations: [Observation]
    private let interval: Duration
    private let clock: any Clock<Duration>
    private let factory: any MetricsFactory
    private let logger: Logger

    package init(
        _ observations: [Observation], in registry: MetricRegistry, every interval: Duration = Self.defaultInterval,
        clock: any Clock<Duration> = ContinuousClock(), logger: Logger
    ) {
        self.observations = observations
        self.interval = interval
        self.clock = clock
        factory = PrometheusMetrics(registry)
        self.logger = logger
    }

    /// Runs until cancelled or a graceful shutdown.
    package func run() async {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                for observation in observations { group.addTask { await follow(observation) } }
            }
        }
    }

    private func follow(_ observation: Observation) async {
        var known: [String: Gauge] = [:]
        while !Task.isCancelled {
            await ask(observation, &known)
            try? await clock.sleep(for: interval)
        }
    }

    private func ask(_ observation: Observation, _ known: inout [String: Gauge]) async {
        do {
            var missing = Set(known.keys)
            for (dimensions, value) in try await observation.read() {
                let key = dimensions.map { "\($0.0)=\($0.1)" }.joined(separator: "\n")
                let gauge =
                    known[key] ?? Gauge(label: observation.label, dimensions: dimensions, factory: factory)
                known[key] = gauge
                gauge.record(value)
                missing.remove(key)
            }
            for key in missing { known.removeValue(forKey: key)?.destroy() }
        } catch is CancellationError {
            return
        } catch {
            Counter(
                label: "consultease.telemetry.observations.failed", dimensions: [("observation", observation.label)],
                factory: factory
            ).increment()
            logger.debug(
                "An observation could not be made",
                metadata: ["observation": "\(observation.label)", "error": "\(error)"])
        }
    }
}
