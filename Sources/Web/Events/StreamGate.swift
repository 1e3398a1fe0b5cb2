// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Metrics
import Synchronization

/// Counts the open streams and holds them to a limit.
final class StreamGate: Sendable {
    private let limit: Int
    private let open = Mutex(0)
    private let gauge = Gauge(label: "consultease.streams.open")

    init(limit: Int) {
        self.limit = limit
    }

    /// Whether one more may open now; `enter` has the last word.
    var hasRoom: Bool { open.withLock { $0 < limit } }

    func enter() -> Bool {
        let count = open.withLock { open -> Int? in
            guard open < limit else { return nil }
            open += 1
            return open
        }
        if let count { gauge.record(count) }
        return count != nil
    }

    func leave() {
        gauge.record(
            open.withLock { open -> Int in
                open -= 1
                return open
            })
    }
}
