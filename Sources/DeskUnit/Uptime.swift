// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// How long the unit has been running, in ms: all that it knows of time by itself. It starts again with the unit.
package struct Uptime: Hashable, Comparable, Sendable {
    package var milliseconds: UInt64

    package init(milliseconds: UInt64) {
        self.milliseconds = milliseconds
    }

    package static func < (left: Uptime, right: Uptime) -> Bool { left.milliseconds < right.milliseconds }

    package static func + (moment: Uptime, milliseconds: UInt64) -> Uptime {
        Uptime(milliseconds: moment.milliseconds &+ milliseconds)
    }

    /// Milliseconds between an earlier moment and this one; 0 if `moment` is later.
    package func elapsed(since moment: Uptime) -> UInt64 {
        milliseconds > moment.milliseconds ? milliseconds - moment.milliseconds : 0
    }
}
