// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

extension ReasonCode {
    /// Whether the specification lists the code for packets of `type` sent by `sender` in `version`
    /// (MQTT 5.0 table 2-6 and the tables of chapter 3; MQTT 3.1.1 sections 3.2.2.3 and 3.9.3).
    func isListed(for type: PacketType, from sender: Role, in version: ProtocolVersion) -> Bool {
        switch version {
        case .v5: Self.codes(of: type, from: sender).contains(rawValue)
        case .v3_1_1: Self.oldCodes(of: type).contains(rawValue)
        }
    }

    private static func codes(of type: PacketType, from sender: Role) -> Set<UInt8> {
        switch (type, sender) {
        case (.connack, .server): connackCodes
        case (.puback, .server), (.pubrec, .server): publishCodes.union([0x10])
        case (.puback, .client), (.pubrec, .client): publishCodes
        case (.pubrel, _), (.pubcomp, _): [0x00, 0x92]
        case (.suback, .server): [0x00, 0x01, 0x02, 0x80, 0x83, 0x87, 0x8F, 0x91, 0x97, 0x9E, 0xA1, 0xA2]
        case (.unsuback, .server): [0x00, 0x11, 0x80, 0x83, 0x87, 0x8F, 0x91]
        case (.disconnect, .server): serverDisconnectCodes
        case (.disconnect, .client): clientDisconnectCodes
        case (.auth, .server): [0x00, 0x18]
        case (.auth, .client): [0x18, 0x19]
        default: []
        }
    }

    private static func oldCodes(of type: PacketType) -> Set<UInt8> {
        switch type {
        case .connack: Set([0x00] + oldReturnCodes.map(\.rawValue))
        case .suback: [0x00, 0x01, 0x02, 0x80]
        case .puback, .pubrec, .pubrel, .pubcomp, .unsuback, .disconnect: [0x00]
        default: []
        }
    }

    private static let connackCodes: Set<UInt8> = [
        0x00, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8A, 0x8C, 0x90, 0x95, 0x97, 0x99, 0x9A,
        0x9B, 0x9C, 0x9D, 0x9F,
    ]
    private static let publishCodes: Set<UInt8> = [0x00, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99]
    private static let serverDisconnectCodes: Set<UInt8> = [
        0x00, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8B, 0x8D, 0x8E, 0x8F, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98,
        0x99, 0x9A, 0x9B, 0x9C, 0x9D, 0x9E, 0x9F, 0xA0, 0xA1, 0xA2,
    ]
    /// 0x9B is listed although table 3-10 gives it to servers alone: the specification also tells a client to answer a
    /// message above its maximum QoS with it.
    private static let clientDisconnectCodes: Set<UInt8> = [
        0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9B,
    ]

    /// The return codes 1 to 5 of a 3.1.1 CONNACK, as the codes of 5.0 that mean the same.
    static let oldReturnCodes: [ReasonCode] = [
        .unsupportedProtocolVersion, .clientIdentifierNotValid, .serverUnavailable, .badUserNameOrPassword,
        .notAuthorized,
    ]
}
