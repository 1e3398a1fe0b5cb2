// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// SUBSCRIBE: at least one subscription.
struct Subscribe: Hashable, Sendable {
    var packetID: PacketID
    var properties: Properties = []
    var subscriptions: [Subscription]
}

/// UNSUBSCRIBE: at least one filter.
struct Unsubscribe: Hashable, Sendable {
    var packetID: PacketID
    var properties: Properties = []
    var filters: [String]
}

/// SUBACK or UNSUBACK: one code for each filter, in their order. A 3.1.1 UNSUBACK has no codes.
struct SubscribeReply: Hashable, Sendable {
    var packetID: PacketID
    var properties: Properties = []
    var reasonCodes: [ReasonCode]
}

/// A topic filter, and the options for the delivery of its messages.
package struct Subscription: Hashable, Sendable {
    package var filter: String
    package var maximumQoS: QoS
    /// Version 5 only: the server doesn't send back a message that this client published.
    package var noLocal: Bool
    /// Version 5 only: the server keeps RETAIN as it was published. Otherwise only a retained copy sent at subscribe
    /// has it.
    package var retainAsPublished: Bool
    /// Version 5 only.
    package var retainHandling: RetainHandling

    package init(
        _ filter: String, maximumQoS: QoS = .atLeastOnce, noLocal: Bool = false, retainAsPublished: Bool = false,
        retainHandling: RetainHandling = .send
    ) {
        self.filter = filter
        self.maximumQoS = maximumQoS
        self.noLocal = noLocal
        self.retainAsPublished = retainAsPublished
        self.retainHandling = retainHandling
    }
}

/// Whether retained messages are sent when a subscription is made (MQTT 5.0 section 3.8.3.1).
package enum RetainHandling: UInt8, Sendable, CaseIterable {
    case send = 0
    case sendIfNew = 1
    case never = 2
}
