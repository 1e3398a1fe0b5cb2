// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Testing

@testable import MQTT

/// Tests which codes each packet may carry (MQTT 5.0 table 2-6), and the short forms of packets that end with a code.
@Suite("Codec, reason codes")
struct ReasonCodeTests {
    static let listed: [(id: String, type: PacketType, sender: Role, codes: Set<UInt8>)] = [
        ("3.4.2-1", .puback, .client, [0x00, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99]),
        ("3.4.2-1", .puback, .server, [0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99]),
        ("3.5.2-1", .pubrec, .client, [0x00, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99]),
        ("3.5.2-1", .pubrec, .server, [0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99]),
        ("3.6.2-1", .pubrel, .client, [0x00, 0x92]),
        ("3.7.2-1", .pubcomp, .client, [0x00, 0x92]),
        (
            "3.14.2-1", .disconnect, .client,
            [
                0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9B,
            ]
        ),
        ("3.15.2-1", .auth, .client, [0x18, 0x19]),
        ("3.15.2-1", .auth, .server, [0x00, 0x18]),
        ("3.9.3-2", .suback, .server, [0x00, 0x01, 0x02, 0x80, 0x83, 0x87, 0x8F, 0x91, 0x97, 0x9E, 0xA1, 0xA2]),
        ("3.11.3-2", .unsuback, .server, [0x00, 0x11, 0x80, 0x83, 0x87, 0x8F, 0x91]),
    ]

    /// Only listed codes are sent. A received code that is not listed is accepted if it is a failure, and refused
    /// otherwise.
    @Test(arguments: listed)
    func packetsCarryOnlyTheirOwnCodes(
        row: (id: String, type: PacketType, sender: Role, codes: Set<UInt8>)
    ) throws {
        for raw in UInt8.min...UInt8.max {
            let code = ReasonCode(rawValue: raw)
            let packet = try #require(Self.packet(row.type, code))
            #expect(
                Bytes.encodingIsRefused(packet, from: row.sender) != row.codes.contains(raw), "\(row.id) \(code)")
            let bytes = Self.bytes(row.type, raw)
            let isTaken = row.codes.contains(raw) || raw >= 0x80
            #expect(Bytes.refusal(bytes, from: row.sender) == (isTaken ? nil : .protocolError), "\(row.id) \(code)")
        }
    }

    private static func packet(_ type: PacketType, _ code: ReasonCode) -> Packet? {
        let ack = Acknowledgement(packetID: .first, reasonCode: code)
        return switch type {
        case .puback: .puback(ack)
        case .pubrec: .pubrec(ack)
        case .pubrel: .pubrel(ack)
        case .pubcomp: .pubcomp(ack)
        case .suback: .suback(SubscribeReply(packetID: .first, reasonCodes: [code]))
        case .unsuback: .unsuback(SubscribeReply(packetID: .first, reasonCodes: [code]))
        case .disconnect: .disconnect(Disconnect(reasonCode: code))
        case .auth: .auth(Auth(reasonCode: code, properties: [.authenticationMethod("m")]))
        default: nil
        }
    }

    private static func bytes(_ type: PacketType, _ code: UInt8) -> [UInt8] {
        let first = type.rawValue << 4 | type.reservedFlags
        return switch type {
        case .suback, .unsuback: [first, 4, 0, 1, 0, code]
        case .disconnect: [first, 1, code]
        case .auth: Bytes.packet(first, [code], Bytes.properties([0x15], Bytes.string("m")))
        default: [first, 3, 0, 1, code]
        }
    }

    static let shortForms: [(bytes: [UInt8], packet: Packet)] = [
        ([0x40, 2, 1, 2], .puback(Acknowledgement(packetID: .of(258)))),
        ([0x50, 2, 0, 1], .pubrec(Acknowledgement(packetID: .of(1)))),
        ([0x62, 2, 0, 1], .pubrel(Acknowledgement(packetID: .of(1)))),
        ([0x70, 2, 0, 1], .pubcomp(Acknowledgement(packetID: .of(1)))),
        ([0x40, 3, 0, 1, 0x10], .puback(Acknowledgement(packetID: .of(1), reasonCode: .noMatchingSubscribers))),
        ([0xE0, 0], .disconnect(Disconnect())),
        ([0xE0, 1, 0x8B], .disconnect(Disconnect(reasonCode: .serverShuttingDown))),
    ]

    @Test(arguments: shortForms)
    func shortFormsAreWrittenAndRead(bytes: [UInt8], packet: Packet) throws {
        #expect(try Bytes.decode(bytes) == packet)
        #expect(try Bytes.encode(packet, from: .server) == bytes)
    }

    /// The long forms have the same meaning.
    @Test func longFormsAreReadToo() throws {
        #expect(try Bytes.decode([0x40, 3, 0, 1, 0]) == .puback(Acknowledgement(packetID: .of(1))))
        #expect(try Bytes.decode([0x40, 4, 0, 1, 0, 0]) == .puback(Acknowledgement(packetID: .of(1))))
        #expect(try Bytes.decode([0xE0, 2, 0, 0]) == .disconnect(Disconnect()))
        #expect(try Bytes.decode([0xF0, 0]) == .auth(Auth()))
    }

    /// Covers 3.9.3-2 of 3.1.1, and that version's packets without codes.
    @Test func version311HasFewCodes() throws {
        for raw in UInt8.min...UInt8.max {
            let isListed = [0, 1, 2, 0x80].contains(raw)
            #expect((Bytes.refusal([0x90, 3, 0, 1, raw], .v3_1_1) == nil) == isListed)
        }
        #expect(
            try Bytes.decode([0xB0, 2, 0, 1], .v3_1_1) == .unsuback(SubscribeReply(packetID: .of(1), reasonCodes: [])))
        #expect(Bytes.refusal([0xB0, 3, 0, 1, 0], .v3_1_1) == .malformedPacket)
        #expect(Bytes.refusal([0x40, 3, 0, 1, 0], .v3_1_1) == .malformedPacket)
        #expect(Bytes.refusal([0xE0, 1, 0], .v3_1_1, from: .client) == .malformedPacket)
        let refusal = Packet.puback(Acknowledgement(packetID: .of(1), reasonCode: .notAuthorized))
        #expect(Bytes.encodingIsRefused(refusal, .v3_1_1))
        #expect(try Bytes.encode(.disconnect(Disconnect()), .v3_1_1) == [0xE0, 0])
    }
}
