// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Testing

@testable import MQTT

/// Tests CONNECT and CONNACK (MQTT 5.0 sections 3.1 and 3.2; 3.1.1 the same).
@Suite("Codec, CONNECT and CONNACK")
struct ConnectTests {
    static func connect(
        name: [UInt8] = Bytes.string("MQTT"), level: UInt8 = 5, flags: UInt8, payload: [UInt8]...
    ) -> [UInt8] {
        Bytes.packet(0x10, name, [level, flags, 0, 10], level == 5 ? [0] : [], payload.flatMap { $0 })
    }

    static let id = Bytes.string("c")
    static let willProperties: [UInt8] = [0]
    static let topic = Bytes.string("w")
    static let message: [UInt8] = [0, 1, 7]
    static let user = Bytes.string("u")
    static let password: [UInt8] = [0, 2, 0xFF, 0]

    static let good: [(id: String, version: ProtocolVersion, bytes: [UInt8], packet: Connect)] = [
        (
            "3.1.2-1, 3.1.2-2, 3.1.2-3, 3.1.3-3", .v5, connect(flags: 0x02, payload: id),
            Connect(version: .v5, cleanStart: true, keepAlive: 10, clientID: "c")
        ),
        (
            "3.1.3-3 empty", .v5, connect(flags: 0x00, payload: [0, 0]),
            Connect(version: .v5, cleanStart: false, keepAlive: 10, clientID: "")
        ),
        (
            "3.1.2-1, 3.1.2-2 (3.1.1)", .v3_1_1, connect(level: 4, flags: 0x02, payload: id),
            Connect(version: .v3_1_1, cleanStart: true, keepAlive: 10, clientID: "c")
        ),
        (
            "3.1.3-1, 3.1.2-9, -12, -17, -19: all, in order", .v5,
            connect(flags: 0xEC, payload: id, willProperties, topic, message, user, password),
            Connect(
                version: .v5, cleanStart: false, keepAlive: 10, clientID: "c",
                will: WillMessage(topic: "w", payload: [7], qos: .atLeastOnce, isRetained: true), userName: "u",
                password: [0xFF, 0])
        ),
        (
            "3.1.3-1 (3.1.1): all, in order", .v3_1_1,
            connect(level: 4, flags: 0xD4, payload: id, topic, message, user, password),
            Connect(
                version: .v3_1_1, cleanStart: false, keepAlive: 10, clientID: "c",
                will: WillMessage(topic: "w", payload: [7], qos: .exactlyOnce, isRetained: false), userName: "u",
                password: [0xFF, 0])
        ),
        (
            "3.1.2-16, 3.1.2-19: a password alone", .v5, connect(flags: 0x42, payload: id, password),
            Connect(version: .v5, cleanStart: true, keepAlive: 10, clientID: "c", password: [0xFF, 0])
        ),
        (
            "3.1.2-17, 3.1.2-18: a user name alone", .v3_1_1, connect(level: 4, flags: 0x82, payload: id, user),
            Connect(version: .v3_1_1, cleanStart: true, keepAlive: 10, clientID: "c", userName: "u")
        ),
    ]

    @Test(arguments: good)
    func connectIsWrittenAndRead(row: (id: String, version: ProtocolVersion, bytes: [UInt8], packet: Connect)) throws {
        // The decoder takes the version from CONNECT itself.
        let other: ProtocolVersion = row.version == .v5 ? .v3_1_1 : .v5
        #expect(try Bytes.decode(row.bytes, other, from: .client) == .connect(row.packet), "\(row.id)")
        #expect(try Bytes.encode(.connect(row.packet), row.version) == row.bytes, "\(row.id)")
    }

    static let bad: [(id: String, bytes: [UInt8], code: ReasonCode)] = [
        ("3.1.2-1", connect(name: Bytes.string("MQIsdp"), flags: 2, payload: id), .unsupportedProtocolVersion),
        ("3.1.2-1", connect(name: Bytes.string("mqtt"), flags: 2, payload: id), .unsupportedProtocolVersion),
        ("3.1.2-2", connect(level: 3, flags: 2, payload: id), .unsupportedProtocolVersion),
        ("3.1.2-2", connect(level: 6, flags: 2, payload: id), .unsupportedProtocolVersion),
        ("3.1.2-3", connect(flags: 0x03, payload: id), .malformedPacket),
        ("3.1.2-9", connect(flags: 0x04, payload: id), .malformedPacket),
        ("3.1.2-9", connect(flags: 0x04, payload: id, willProperties, topic), .malformedPacket),
        ("3.1.2-11", connect(flags: 0x08, payload: id), .malformedPacket),
        ("3.1.2-12", connect(flags: 0x1C, payload: id, willProperties, topic, message), .malformedPacket),
        ("3.1.2-13", connect(flags: 0x20, payload: id), .malformedPacket),
        ("3.1.2-16", connect(flags: 0x00, payload: id, user), .malformedPacket),
        ("3.1.2-17", connect(flags: 0x80, payload: id), .malformedPacket),
        ("3.1.2-18", connect(flags: 0x80, payload: id, user, password), .malformedPacket),
        ("3.1.2-19", connect(flags: 0xC0, payload: id, user), .malformedPacket),
        ("3.1.2-22 (3.1.1)", connect(level: 4, flags: 0x40, payload: id, password), .malformedPacket),
        ("3.1.3-3", connect(flags: 0x02), .malformedPacket),
        ("3.1.3-4", connect(flags: 0x02, payload: [0, 1, 0xFF]), .malformedPacket),
        ("3.1.3-11", connect(flags: 0x04, payload: id, willProperties, [0, 1, 0xFF], message), .malformedPacket),
        ("3.1.3-12", connect(flags: 0x80, payload: id, [0, 1, 0xFF]), .malformedPacket),
    ]

    @Test(arguments: bad)
    func badConnectsAreRefused(row: (id: String, bytes: [UInt8], code: ReasonCode)) {
        #expect(Bytes.refusal(row.bytes, from: .client) == row.code, "\(row.id)")
    }

    @Test func aPasswordAloneIsNeverSentIn311() {
        let connect = Connect(version: .v3_1_1, cleanStart: true, keepAlive: 0, clientID: "c", password: [1])
        #expect(Bytes.encodingIsRefused(.connect(connect), .v3_1_1))
    }

    static let answers: [(version: ProtocolVersion, bytes: [UInt8], packet: ConnAck)] = [
        (.v5, [0x20, 3, 1, 0, 0], ConnAck(isSessionPresent: true, reasonCode: .success)),
        (.v5, [0x20, 3, 0, 0x87, 0], ConnAck(isSessionPresent: false, reasonCode: .notAuthorized)),
        (.v3_1_1, [0x20, 2, 1, 0], ConnAck(isSessionPresent: true, reasonCode: .success)),
        (.v3_1_1, [0x20, 2, 0, 1], ConnAck(isSessionPresent: false, reasonCode: .unsupportedProtocolVersion)),
        (.v3_1_1, [0x20, 2, 0, 2], ConnAck(isSessionPresent: false, reasonCode: .clientIdentifierNotValid)),
        (.v3_1_1, [0x20, 2, 0, 3], ConnAck(isSessionPresent: false, reasonCode: .serverUnavailable)),
        (.v3_1_1, [0x20, 2, 0, 4], ConnAck(isSessionPresent: false, reasonCode: .badUserNameOrPassword)),
        (.v3_1_1, [0x20, 2, 0, 5], ConnAck(isSessionPresent: false, reasonCode: .notAuthorized)),
    ]

    @Test(arguments: answers)
    func connackIsWrittenAndRead(row: (version: ProtocolVersion, bytes: [UInt8], packet: ConnAck)) throws {
        #expect(try Bytes.decode(row.bytes, row.version) == .connack(row.packet))
        #expect(try Bytes.encode(.connack(row.packet), row.version, from: .server) == row.bytes)
    }

    /// A 3.1.1 server answers a version 5 CONNECT in its own form; only a refusal can be read.
    @Test func aRefusalIn311IsUnderstoodInVersion5() throws {
        let refusal = ConnAck(isSessionPresent: false, reasonCode: .unsupportedProtocolVersion)
        #expect(try Bytes.decode([0x20, 2, 0, 1]) == .connack(refusal))
        #expect(Bytes.refusal([0x20, 2, 0, 0]) == .malformedPacket)
    }

    /// 3.2.2-1, 3.2.2-6, 3.2.2-8.
    @Test func badConnacksAreRefused() {
        #expect(Bytes.refusal([0x20, 3, 2, 0, 0]) == .malformedPacket)
        #expect(Bytes.refusal([0x20, 3, 0x81, 0, 0]) == .malformedPacket)
        #expect(Bytes.refusal([0x20, 3, 1, 0x87, 0]) == .protocolError)
        #expect(Bytes.refusal([0x20, 2, 1, 5], .v3_1_1) == .protocolError)
        #expect(Bytes.refusal([0x20, 2, 0, 6], .v3_1_1) == .protocolError)
        #expect(Bytes.refusal([0x20, 3, 0, 1, 0]) == .protocolError)
        #expect(Bytes.refusal([0x20, 3, 0, 0xF0, 0]) == nil, "unknown, but a failure all the same")
    }
}
