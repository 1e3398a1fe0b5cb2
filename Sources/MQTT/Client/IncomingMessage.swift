// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// One message from the broker, with the `ack()` that tells the broker that the application has it.
///
/// A value: all copies name the same message. A message that is never acknowledged stays open at the broker, and uses
/// one place of Receive Maximum until the connection ends.
package struct IncomingMessage: Sendable {
    package let topic: String
    package let payload: [UInt8]
    package let qos: QoS
    /// True for a retained copy that the server sent because of a subscription; a live message has it only with Retain
    /// As Published.
    package let isRetained: Bool
    /// True if the server may have sent the message before. It doesn't tell whether this application received it.
    package let isDuplicate: Bool
    /// The number of the client's connection that the message arrived on, from 1. A message of a later connection may
    /// be older than one of an earlier connection.
    package let connection: Int
    package let properties: MessageProperties
    /// Why the application must not act on the message; only with `UnreadableMessagePolicy.deliver`. Topic and payload
    /// then hold what could be read.
    package let fault: CodecError?

    private let acknowledgement: AcknowledgementRoute
    /// The approximate memory that the message takes, in bytes.
    let weight: Int

    /// The bytes added for a message, and for each property, on top of its texts.
    private static let overhead = 256

    private static func weight(_ topic: String, _ payload: [UInt8], _ properties: Properties) -> Int {
        properties.list.reduce(overhead + topic.utf8.count + payload.count) { sum, property in
            let texts =
                switch property {
                case .userProperty(let user): user.name.utf8.count + user.value.utf8.count
                case .correlationData(let bytes): bytes.count
                case .contentType(let text), .responseTopic(let text): text.utf8.count
                default: 0
                }
            return sum + overhead + texts
        }
    }

    init(_ publish: Publish, connection: Int, _ acknowledgement: AcknowledgementRoute) {
        topic = publish.topic
        payload = publish.payload
        qos = publish.delivery.qos
        isRetained = publish.isRetained
        isDuplicate = publish.delivery.isDuplicate
        self.connection = connection
        properties = MessageProperties(publish.properties)
        fault = publish.fault
        self.acknowledgement = acknowledgement
        weight = Self.weight(publish.topic, publish.payload, publish.properties)
    }

    /// Makes a message that comes from no connection, for a caller that stands in for a broker. Each `ack()` calls
    /// `onAck`.
    package init(
        topic: String, payload: [UInt8], qos: QoS = .atLeastOnce, isRetained: Bool = false, isDuplicate: Bool = false,
        properties: MessageProperties = .none, onAck: @escaping @Sendable () -> Void = {}
    ) {
        self.topic = topic
        self.payload = payload
        self.qos = qos
        self.isRetained = isRetained
        self.isDuplicate = isDuplicate
        connection = 0
        self.properties = properties
        fault = nil
        acknowledgement = .custom(onAck)
        weight = Self.weight(topic, payload, properties.properties)
    }

    /// Returns the same as `ack()`, for a caller that keeps nothing else of the message.
    package var acknowledger: @Sendable () -> Void {
        { [acknowledgement] in Self.acknowledge(acknowledgement) }
    }

    /// Tells the broker that the application has stored the message, so the broker may forget it.
    ///
    /// Never waits, runs on any thread, and does nothing if it is called again. PUBACKs leave in the order in which
    /// their messages arrived (4.6.0-2), so one waits until all earlier messages are acknowledged. Does nothing at QoS
    /// 0, or after the connection of the message has ended: the broker then sends the message again.
    package func ack() { Self.acknowledge(acknowledgement) }

    private static func acknowledge(_ route: AcknowledgementRoute) {
        switch route {
        case .none: return
        case .book(let book, let ticket): book.acknowledge(ticket)
        case .custom(let onAck): onAck()
        }
    }
}

/// Takes the application's `ack()` calls.
enum AcknowledgementRoute: Sendable {
    case none
    case book(AcknowledgementBook, AckLedger.Ticket)
    case custom(@Sendable () -> Void)
}
