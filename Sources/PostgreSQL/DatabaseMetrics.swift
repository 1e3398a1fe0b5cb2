// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Metrics
import Synchronization

/// The metrics of one role's connections.
final class DatabaseMetrics: Sendable {
    enum Role: String {
        case reader
        case writer
        case leader
        case listener
    }

    /// Measures the time from asking for a connection to having one.
    private let wait: Timer
    private let timeouts: Counter
    private let connections: Gauge
    private let count = Mutex(0)
    private let reconnects: Counter

    init(role: Role) {
        let dimensions = [("role", role.rawValue)]
        wait = Timer(label: "consultease.database.pool.wait", dimensions: dimensions)
        timeouts = Counter(label: "consultease.database.pool.timeouts", dimensions: dimensions)
        connections = Gauge(label: "consultease.database.connections", dimensions: dimensions)
        reconnects = Counter(label: "consultease.database.reconnects", dimensions: dimensions)
    }

    func waited(_ duration: Duration) { wait.record(duration: duration) }

    /// Counts a caller that got no connection in time, or none at all.
    func waitedInVain() { timeouts.increment() }

    func reconnected() { reconnects.increment() }

    func connectionOpened() { add(1) }

    func connectionClosed() { add(-1) }

    private func add(_ difference: Int) {
        let now = count.withLock { count in
            count += difference
            return count
        }
        connections.record(now)
    }

    /// Counts a COMMIT whose answer was lost, by its outcome.
    static func countUnknownCommit(_ outcome: String) {
        Counter(label: "consultease.database.unknown_commits", dimensions: [("outcome", outcome)]).increment()
    }
}
