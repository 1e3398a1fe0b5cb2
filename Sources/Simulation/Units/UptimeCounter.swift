// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import DeskUnit

/// The uptime of one simulated unit: the real time since its start, plus the leaps of a unit in time lapse.
struct UptimeCounter: Sendable {
    private var startedAt: Duration
    private var ahead: UInt64

    /// - Parameters:
    ///   - moment: when the unit started, in the simulation's time.
    ///   - ahead: the unit's uptime at that moment, in ms.
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
