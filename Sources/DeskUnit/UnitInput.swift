// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// What can happen to a desk unit.
package enum UnitInput: Equatable, Sendable {
    /// The broker accepted the connection, and the subscriptions are made.
    case connected
    /// The connection has ended, for any reason.
    case disconnected
    /// A message arrived on one of the unit's subscriptions.
    case message(topic: [UInt8], payload: [UInt8])
    case pressed(Key, Press)
    /// A scan found the owner's beacon, with this signal strength in dBm if it is known.
    case beaconSeen(rssi: Int8?)
    /// A scan didn't find the owner's beacon.
    case beaconLost
    /// Time has passed; the shell sends this several times a second.
    case tick
}

/// The two keys below the panel.
package enum Key: Sendable {
    case left
    case right
}

/// How long a key was held down.
package enum Press: Sendable {
    case short
    case held
}
