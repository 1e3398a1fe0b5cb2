// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain

/// One message as the broker delivered it, before anybody has looked into it.
package struct Delivery: Hashable, Sendable {
    package let topic: String
    package let payload: [UInt8]
    /// The RETAIN flag as delivered: set only on the broker's retained copy at subscribe. A live message comes without it.
    package let isRetained: Bool
    package let arrivedAt: Timestamp

    package init(topic: String, payload: [UInt8], isRetained: Bool, arrivedAt: Timestamp) {
        self.topic = topic
        self.payload = payload
        self.isRetained = isRetained
        self.arrivedAt = arrivedAt
    }
}
