// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain

/// One message as the broker delivered it, before it is decoded.
package struct Delivery: Hashable, Sendable {
    package let topic: String
    package let payload: [UInt8]
    /// The RETAIN flag as delivered: the broker sets it only on its retained copy at subscribe, never on a live
    /// message.
    package let isRetained: Bool
    package let arrivedAt: Timestamp
    /// How long before its arrival the message may have been sent.
    package let age: Age
    /// False if the packet breaks the rules of MQTT; topic and payload then hold what could be read.
    package let isReadable: Bool

    package init(
        topic: String, payload: [UInt8], isRetained: Bool, arrivedAt: Timestamp, age: Age = .fresh,
        isReadable: Bool = true
    ) {
        self.topic = topic
        self.payload = payload
        self.isRetained = isRetained
        self.arrivedAt = arrivedAt
        self.age = age
        self.isReadable = isReadable
    }

    /// Bounds the time since the message was sent: it may have waited at the broker while no server was connected.
    package enum Age: Hashable, Sendable {
        /// The message was sent at the moment of its arrival.
        case fresh
        /// The message was sent within this time before its arrival.
        case upTo(Span)
        /// The message may be of any age, so it doesn't prove that its unit is alive.
        case unknown
    }
}
