// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// An action for the unit's shell, to be executed in order.
package enum UnitAction: Equatable, Sendable {
    case publish(UnitMessage)
    /// The contents of the panel may have changed.
    case screenChanged
}

/// A message to publish.
package struct UnitMessage: Equatable, Sendable {
    /// The topic in UTF-8.
    package var topic: [UInt8]
    package var payload: [UInt8]
    /// True for QoS 1, false for QoS 0.
    package var isAtLeastOnce: Bool
    package var isRetained: Bool

    package init(topic: [UInt8], payload: [UInt8], isAtLeastOnce: Bool, isRetained: Bool) {
        self.topic = topic
        self.payload = payload
        self.isAtLeastOnce = isAtLeastOnce
        self.isRetained = isRetained
    }
}
