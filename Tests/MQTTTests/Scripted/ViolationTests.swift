// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Testing

@testable import MQTT

/// If a server breaks a rule, the client sends DISCONNECT and closes, although the server stays open (4.13.2-1,
/// 3.14.4-2).
@Suite("Scripted server, broken rules", .timeLimit(.minutes(5)))
struct ViolationTests {
    static let violations: [(id: String, bytes: [UInt8], code: ReasonCode)] = [
        ("3.3.1-4 QoS 3", [0x36, 6, 0, 1, 0x61, 0, 1, 0], .malformedPacket),
        ("3.14.1-1 DISCONNECT flags", [0xE1, 0], .malformedPacket),
        ("3.15.1-1 AUTH flags", [0xF2, 0], .malformedPacket),
        ("2.1.3-1 type 0", [0x00, 0], .malformedPacket),
        ("3.3.2-2 wildcard", Bytes.packet(0x30, Bytes.string("a/#"), [0]), .malformedPacket),
        ("1.5.4-2 U+0000", Bytes.packet(0x30, [0, 1, 0], [0]), .malformedPacket),
        ("1.5.5-1 a long length", [0x30, 0xFF, 0xFF, 0xFF, 0xFF], .malformedPacket),
        ("3.3.2-7 alias without a topic", Bytes.packet(0x30, [0, 0], [3, 0x23, 0, 1]), .topicAliasInvalid),
        ("3.1.2-26 alias", Bytes.packet(0x30, Bytes.string("a"), [3, 0x23, 0, 1]), .topicAliasInvalid),
        ("no topic", Bytes.packet(0x30, [0, 0], [0]), .protocolError),
        ("3.1.2-24 too large", [0x30, 0x80, 0x80, 0x80, 0x01], .packetTooLarge),
        ("2.2.1-4 identifier 0", [0x32, 6, 0, 1, 0x61, 0, 0, 0], .protocolError),
        ("3.2.0-2 second CONNACK", [0x20, 3, 0, 0, 0], .protocolError),
        ("4.12.0-6 AUTH unasked", Bytes.packet(0xF0, [0x18], [4, 0x15, 0, 1, 0x6D]), .protocolError),
        ("3.8.4-6 SUBSCRIBE", [0x82, 7, 0, 1, 0, 0, 1, 0x61, 0], .protocolError),
        ("a message at QoS 2", [0x34, 6, 0, 1, 0x61, 0, 1, 0], .qosNotSupported),
    ]

    @Test(arguments: violations)
    func aViolationIsNamedAndTheConnectionClosed(row: (id: String, bytes: [UInt8], code: ReasonCode)) async throws {
        try await ScriptedBroker.with { broker in
            try await withClient(.scripted(broker)) { client in
                let peer = try await broker.acceptAndConnect()
                try await client.connected()
                // The packet before the bad one is delivered; the packet after it is ignored.
                let good = Bytes.packet(0x30, Bytes.string("good"), [0])
                try await peer.send(bytes: good + row.bytes + good)
                #expect(try await peer.rest() == [.disconnect(Disconnect(reasonCode: row.code))], "\(row.id)")
                try await eventually("reported") {
                    if case .protocolError(let error) = client.status.lastEnd {
                        error.reasonCode == row.code
                    } else {
                        false
                    }
                }
                #expect(client.status.counters.messagesReceived == 1)
            }
        }
    }

    /// 3.1.1 has no code to send, and a DISCONNECT would cancel the will (4.8.0-1).
    @Test func version311OnlyCloses() async throws {
        try await ScriptedBroker.with(version: .v3_1_1) { broker in
            try await withClient(.scripted(broker, .v3_1_1)) { client in
                let peer = try await broker.acceptAndConnect()
                try await client.connected()
                try await peer.send(bytes: [0x36, 5, 0, 1, 0x61, 0, 1])
                #expect(try await peer.rest().isEmpty)
            }
        }
    }

    /// 3.3.4-9 in strict mode: only a scripted server exceeds reliably.
    @Test func strictEndsTheConnectionAtTheFirstExcess() async throws {
        try await ScriptedBroker.with { broker in
            var configuration = ClientConfiguration.scripted(broker)
            configuration.receiveMaximum = 2
            configuration.receiveMaximumPolicy = .strict
            try await withClient(configuration) { client in
                let peer = try await broker.acceptAndConnect()
                try await client.connected()
                for id in 1...3 { try await peer.send(.publish(.acknowledged("a", UInt16(id)))) }
                #expect(
                    try await peer.rest() == [.disconnect(Disconnect(reasonCode: .receiveMaximumExceeded))])
            }
        }
    }
}
