// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import DeskUnit

/// The uptime of one simulated unit: real time since its start, and leaps for units that are seen in time lapse.
struct UptimeCounter: Sendable {
    private var startedAt: Duration
    private var ahead: UInt64

    /// - Parameters:
    ///   - moment: when the unit started, on the simulation's time.
    ///   - ahead: the uptime that it had then, in ms.
    init(startedAt moment: Duration, ahead: UInt64 = 0) {
        startedAt = moment
        self.ahead = ahead
    }

    func uptime(at moment: Duration) -> Uptime {
        Uptime(milliseconds: ahead + (moment - startedAt).milliseconds)
    }

    mutating func leap(_ milliseconds: UInt64) {
        ahead += milliseconds
    }
}
