// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// The delivery guarantee of a message (MQTT 5.0 section 4.3).
package enum QoS: UInt8, Sendable, Comparable, CaseIterable {
    case atMostOnce = 0
    case atLeastOnce = 1
    case exactlyOnce = 2

    package static func < (left: QoS, right: QoS) -> Bool { left.rawValue < right.rawValue }
}
