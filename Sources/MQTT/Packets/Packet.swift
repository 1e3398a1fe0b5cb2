// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// One MQTT packet of either version, from either side.
///
/// A value may be invalid for a version or a sender (properties in 3.1.1, CONNACK from a client). `PacketEncoder` and
/// `PacketDecoder` refuse those.
enum Packet: Hashable, Sendable {
    case connect(Connect)
    case connack(ConnAck)
    case publish(Publish)
    case puback(Acknowledgement)
    case pubrec(Acknowledgement)
    case pubrel(Acknowledgement)
    case pubcomp(Acknowledgement)
    case subscribe(Subscribe)
    case suback(SubscribeReply)
    case unsubscribe(Unsubscribe)
    case unsuback(SubscribeReply)
    case pingreq
    case pingresp
    case disconnect(Disconnect)
    case auth(Auth)

    var type: PacketType {
        switch self {
        case .connect: .connect
        case .connack: .connack
        case .publish: .publish
        case .puback: .puback
        case .pubrec: .pubrec
        case .pubrel: .pubrel
        case .pubcomp: .pubcomp
        case .subscribe: .subscribe
        case .suback: .suback
        case .unsubscribe: .unsubscribe
        case .unsuback: .unsuback
        case .pingreq: .pingreq
        case .pingresp: .pingresp
        case .disconnect: .disconnect
        case .auth: .auth
        }
    }
}

/// PUBACK, PUBREC, PUBREL or PUBCOMP. Version 3.1.1 has neither codes nor properties here.
struct Acknowledgement: Hashable, Sendable {
    var packetID: PacketID
    var reasonCode: ReasonCode = .success
    var properties: Properties = []
}

struct Disconnect: Hashable, Sendable {
    /// 0x00 means a normal disconnection here.
    var reasonCode: ReasonCode = .success
    var properties: Properties = []
}

struct Auth: Hashable, Sendable {
    var reasonCode: ReasonCode = .success
    var properties: Properties = []
}
