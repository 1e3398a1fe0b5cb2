// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// The limits that the server announced in CONNACK, valid for this connection alone (MQTT 5.0 section 3.2.2.3).
struct ServerLimits: Hashable, Sendable {
    var receiveMaximum = 65_535
    var maximumQoS = QoS.exactlyOnce
    var isRetainAvailable = true
    /// Bounds the whole packet; nil means no limit.
    var maximumPacketSize: Int?
    /// The keep-alive interval of this connection in seconds: the server's, if it gave one (3.2.2-21).
    var keepAlive: UInt16
    /// Whether the server keeps the session when the connection ends.
    var keepsSession: Bool
    var assignedClientID: String?

    init(_ properties: Properties, keepAlive: UInt16, keepsSession: Bool) {
        self.keepAlive = keepAlive
        self.keepsSession = keepsSession
        for property in properties.list {
            switch property {
            case .receiveMaximum(let value): receiveMaximum = Int(value)
            case .maximumQoS(let qos): maximumQoS = qos
            case .retainAvailable(let isAvailable): isRetainAvailable = isAvailable
            case .maximumPacketSize(let size): maximumPacketSize = Int(size)
            case .serverKeepAlive(let seconds): self.keepAlive = seconds
            case .sessionExpiryInterval(let seconds): self.keepsSession = seconds > 0
            case .assignedClientIdentifier(let id): assignedClientID = id
            default: continue
            }
        }
    }

    /// Returns why the server doesn't accept such a message, or nil if it does (3.2.2-11, 3.2.2-14, 3.2.2-15).
    func refusal(of publish: Publish, as encoder: PacketEncoder) -> ReasonCode? {
        if publish.delivery.qos > maximumQoS { return .qosNotSupported }
        if publish.isRetained, !isRetainAvailable { return .retainNotSupported }
        return fits(.publish(publish), as: encoder) ? nil : .packetTooLarge
    }

    func fits(_ packet: Packet, as encoder: PacketEncoder) -> Bool {
        guard let maximumPacketSize else { return true }
        if case .publish(let publish) = packet, publish.properties.isEmpty {
            let bound = publish.topic.utf8.count + publish.payload.count + 10
            if bound <= maximumPacketSize { return true }
        }
        guard let size = try? encoder.size(of: packet) else { return false }
        return size <= maximumPacketSize
    }

    /// Returns the packet, without its Reason String and User Properties if they make it too large (3.4.2-2, 3.4.2-3,
    /// and the same rules for PUBREC, PUBREL, PUBCOMP, DISCONNECT, AUTH). Nil if it is too large even so.
    func trimmed(_ packet: Packet, as encoder: PacketEncoder) -> Packet? {
        guard !fits(packet, as: encoder) else { return packet }
        let shorter = packet.withoutDiagnostics
        return shorter != packet && fits(shorter, as: encoder) ? shorter : nil
    }
}

extension Packet {
    /// The packet without Reason String and User Properties, if they only serve diagnosis.
    var withoutDiagnostics: Packet {
        func trim(_ ack: Acknowledgement) -> Acknowledgement {
            var ack = ack
            ack.properties = ack.properties.withoutDiagnostics
            return ack
        }
        switch self {
        case .puback(let ack): return .puback(trim(ack))
        case .pubrec(let ack): return .pubrec(trim(ack))
        case .pubrel(let ack): return .pubrel(trim(ack))
        case .pubcomp(let ack): return .pubcomp(trim(ack))
        case .disconnect(var disconnect):
            disconnect.properties = disconnect.properties.withoutDiagnostics
            return .disconnect(disconnect)
        case .auth(var auth):
            auth.properties = auth.properties.withoutDiagnostics
            return .auth(auth)
        case .connect, .connack, .publish, .subscribe, .suback, .unsubscribe, .unsuback, .pingreq, .pingresp:
            return self
        }
    }
}

extension Properties {
    var withoutDiagnostics: Properties {
        Properties(list.filter { $0.id != .reasonString && $0.id != .userProperty })
    }
}
