// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// How long the unit has been running, in ms: the only time that it knows by itself. It restarts with the unit.
package struct Uptime: Hashable, Comparable, Sendable {
    package var milliseconds: UInt64

    package init(milliseconds: UInt64) {
        self.milliseconds = milliseconds
    }

    package static func < (left: Uptime, right: Uptime) -> Bool { left.milliseconds < right.milliseconds }

    package static func + (moment: Uptime, milliseconds: UInt64) -> Uptime {
        Uptime(milliseconds: moment.milliseconds &+ milliseconds)
    }

    /// Returns the milliseconds from an earlier moment to this one; 0 if `moment` is later.
    package func elapsed(since moment: Uptime) -> UInt64 {
        milliseconds > moment.milliseconds ? milliseconds - moment.milliseconds : 0
    }
}
