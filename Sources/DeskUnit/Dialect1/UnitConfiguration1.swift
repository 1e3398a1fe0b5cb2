// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// What is burnt into a unit of dialect 1: its owner, and its timing.
package struct UnitConfiguration1: Equatable, Sendable {
    /// The digits of the owner's id.
    package var faculty: [UInt8]
    /// The owner's name, UTF-8.
    package var name: [UInt8]
    /// Between two heartbeats, in ms.
    package var heartbeatEvery: UInt64
    /// How long the beacon may be missed before its owner counts as away, in ms.
    package var grace: UInt64
    /// Whether it publishes with QoS 1. The firmware in the field publishes with QoS 0.
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

    /// `consultease/faculty/{id}/messages`: what the unit subscribes to.
    package var subscription: [UInt8] { topic("messages") }

    func topic(_ last: StaticString) -> [UInt8] {
        ascii("consultease/faculty/") + faculty + [0x2F] + ascii(last)
    }
}
