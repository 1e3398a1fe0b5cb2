// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// What can happen to a desk unit.
package enum UnitInput: Equatable, Sendable {
    /// The broker took the connection and the subscriptions are made.
    case connected
    /// The connection is gone, however it went.
    case disconnected
    /// A message on one of the unit's subscriptions.
    case message(topic: [UInt8], payload: [UInt8])
    case pressed(Key, Press)
    /// A scan found the owner's beacon, at this strength in dBm if it is known.
    case beaconSeen(rssi: Int8?)
    /// A scan didn't find it.
    case beaconLost
    /// Time has passed: called several times a second.
    case tick
}

/// The two keys below the panel.
package enum Key: Sendable {
    case left
    case right
}

/// How long a key was down.
package enum Press: Sendable {
    case short
    case held
}
