// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// The fifteen kinds of packet; the raw value is the upper half of the first byte.
enum PacketType: UInt8, Sendable, CaseIterable {
    case connect = 1
    case connack, publish, puback, pubrec, pubrel, pubcomp, subscribe, suback, unsubscribe, unsuback
    case pingreq, pingresp, disconnect, auth

    /// The value that the lower half of the first byte must have. In PUBLISH those bits are flags instead.
    var reservedFlags: UInt8 {
        switch self {
        case .pubrel, .subscribe, .unsubscribe: 0b0010
        case .connect, .connack, .publish, .puback, .pubrec, .pubcomp, .suback, .unsuback, .pingreq, .pingresp,
            .disconnect, .auth:
            0
        }
    }

    /// Whether `sender` may send this type at all.
    func isSent(by sender: Role, in version: ProtocolVersion) -> Bool {
        switch self {
        case .connect, .subscribe, .unsubscribe, .pingreq: sender == .client
        case .connack, .suback, .unsuback, .pingresp: sender == .server
        case .publish, .puback, .pubrec, .pubrel, .pubcomp: true
        case .disconnect: sender == .client || version == .v5
        case .auth: version == .v5
        }
    }

    /// The place of this packet's properties in the property tables.
    var place: PropertyPlace {
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
        case .disconnect: .disconnect
        case .auth: .auth
        case .pingreq, .pingresp: []
        }
    }
}
