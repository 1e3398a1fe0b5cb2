// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// One message from the broker, and the means to say that it is safe.
///
/// A value: copies name the same message. A message that is never acknowledged stays open at the broker, and takes one
/// of Receive Maximum's places until the connection ends.
package struct IncomingMessage: Sendable {
    package let topic: String
    package let payload: [UInt8]
    package let qos: QoS
    /// Set on a retained copy that was sent because of a subscription; on a live message only with Retain As Published.
    package let isRetained: Bool
    /// Set by a server that may have sent it before. It says nothing of whether this application saw it.
    package let isDuplicate: Bool
    /// Which of the client's connections brought it, from 1: a message of a later one may be older than one of an
    /// earlier.
    package let connection: Int
    package let properties: MessageProperties
    /// Why it is no message to act upon, with `UnreadableMessagePolicy.deliver`: topic and payload hold what could be
    /// read.
    package let fault: CodecError?

    private let acknowledgement: AcknowledgementRoute
    /// About how many bytes of memory it takes.
    let weight: Int

    /// What a message takes beside its texts, and a property beside its.
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

    /// A message that comes from no connection, for those who stand in for a broker. `onAck` is called at every
    /// `ack()`.
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

    /// The same as `ack()`, for a caller that keeps nothing else of the message.
    package var acknowledger: @Sendable () -> Void {
        { [acknowledgement] in Self.acknowledge(acknowledgement) }
    }

    /// Says that the application has the message for good, so that the broker may forget it.
    ///
    /// Never waits; any thread; calling it again does nothing. PUBACKs leave in the order in which their messages came
    /// (4.6.0-2): one whose predecessors are not acknowledged waits for them. Does nothing at QoS 0, or once the
    /// connection that brought the message is gone: then the broker sends it again.
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
