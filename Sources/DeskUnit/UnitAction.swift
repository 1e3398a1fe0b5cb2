// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// What the unit's shell is to do next, in order.
package enum UnitAction: Equatable, Sendable {
    case publish(UnitMessage)
    /// The panel's contents are no longer what they were.
    case screenChanged
}

/// A message to be published.
package struct UnitMessage: Equatable, Sendable {
    /// UTF-8.
    package var topic: [UInt8]
    package var payload: [UInt8]
    /// QoS 1 if true, else QoS 0.
    package var isAtLeastOnce: Bool
    package var isRetained: Bool

    package init(topic: [UInt8], payload: [UInt8], isAtLeastOnce: Bool, isRetained: Bool) {
        self.topic = topic
        self.payload = payload
        self.isAtLeastOnce = isAtLeastOnce
        self.isRetained = isRetained
    }
}
