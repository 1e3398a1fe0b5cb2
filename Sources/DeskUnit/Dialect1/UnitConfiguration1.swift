// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// The built-in configuration of a dialect 1 unit: its owner and its timing.
package struct UnitConfiguration1: Equatable, Sendable {
    /// The digits of the owner's id.
    package var faculty: [UInt8]
    /// The owner's name, UTF-8.
    package var name: [UInt8]
    /// The time between two heartbeats, in ms.
    package var heartbeatEvery: UInt64
    /// How long the beacon may be missed before its owner counts as away, in ms.
    package var grace: UInt64
    /// Whether the unit publishes at QoS 1. The firmware in the field publishes at QoS 0.
    package var isAtLeastOnce: Bool

    package init(
        faculty: UInt64, name: [UInt8], heartbeatEvery: UInt64 = 60_000, grace: UInt64 = 60_000,
        isAtLeastOnce: Bool = false
    ) {
        self.faculty = Decimal.digits(faculty)
        self.name = name
        self.heartbeatEvery = heartbeatEvery
        self.grace = grace
        self.isAtLeastOnce = isAtLeastOnce
    }

    /// The topic that the unit subscribes to: `consultease/faculty/{id}/messages`.
    package var subscription: [UInt8] { topic("messages") }

    func topic(_ last: StaticString) -> [UInt8] {
        ascii("consultease/faculty/") + faculty + [0x2F] + ascii(last)
    }
}
