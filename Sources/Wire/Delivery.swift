// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain

/// One message as the broker delivered it, before anybody has looked into it.
package struct Delivery: Hashable, Sendable {
    package let topic: String
    package let payload: [UInt8]
    /// The RETAIN flag as delivered: set only on the broker's retained copy at subscribe. A live message comes without
    /// it.
    package let isRetained: Bool
    package let arrivedAt: Timestamp
    /// How long before its arrival it may have been said.
    package let age: Age
    /// False if the packet that brought it breaks the rules of MQTT: topic and payload are what could be read of it.
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

    /// How long a message was under way, at most: it may have waited at the broker while no server read there.
    package enum Age: Hashable, Sendable {
        /// It tells of the moment of its arrival.
        case fresh
        /// It was said within this long before its arrival.
        case upTo(Span)
        /// It may be of any age: it doesn't tell that its unit lives.
        case unknown
    }
}
