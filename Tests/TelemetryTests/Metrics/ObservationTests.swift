// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Logging
import Synchronization
import Testing

@testable import Telemetry

@Suite("Observations at intervals", .timeLimit(.minutes(5)))
struct ObservationTests {
    private static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test func aSeriesThatIsGoneIsForgottenAndAFailureIsCounted() async throws {
        struct Planned: Error {}
        let registry = MetricRegistry()
        let asked = Mutex(0)
        let observations = Observations(
            [
                .init("consultease.units") {
                    let time = asked.withLock { count in
                        count += 1
                        return count
                    }
                    return time == 1 ? [([("state", "live")], 5)] : [([("state", "silent")], Double(time))]
                },
                .init("consultease.health.ready") { throw Planned() },
                // This observation never answers; the others don't wait for it.
                .init("consultease.leader") {
                    try await Task.sleep(for: .seconds(3600))
                    return []
                },
            ], in: registry, every: .milliseconds(1), logger: Self.quiet)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await observations.run() }
            defer { group.cancelAll() }
            try await eventually("asked twice") { asked.withLock { $0 } > 2 }
        }
        let text = registry.text()
        #expect(!text.contains(#"consultease_units{state="live"}"#))
        #expect(text.contains(#"consultease_units{state="silent"}"#))
        #expect(
            text.contains(
                #"consultease_telemetry_observations_failed_total{observation="consultease.health.ready"}"#))
    }
}
