// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Testing

@testable import MQTT

@Suite("Scripted server, messages that break rules", .timeLimit(.minutes(5)))
struct UnreadableMessageTests {
    private func forgiving(_ broker: ScriptedBroker) -> ClientConfiguration {
        var configuration = ClientConfiguration.scripted(broker)
        configuration.unreadableMessages = .deliver
        return configuration
    }

    /// The client delivers, acknowledges and counts them, and receives what follows on the same connection.
    @Test func theyAreDeliveredAndTheConnectionGoesOn() async throws {
        try await ScriptedBroker.with { broker in
            let log = RecordedLog()
            try await withClient(forgiving(broker), log: log) { client in
                let peer = try await broker.acceptAndConnect()
                let wildcard = [0x08] + Bytes.string("a/#")
                try await peer.send(
                    bytes: Bytes.packet(0x32, Bytes.string("a"), [0, 1], Bytes.properties(wildcard), [1])
                        + Bytes.packet(0x32, Bytes.string("a/#"), [0, 2], [0], [2])
                        + Bytes.packet(0x32, Bytes.string("a"), [0, 3], [0], [3]))
                var faults: [Bool] = []
                for await message in client.messages {
                    message.ack()
                    faults.append(message.fault != nil)
                    if faults.count == 3 { break }
                }
                #expect(faults == [false, true, false])
                for id in 1...3 as ClosedRange<UInt16> {
                    #expect(try await peer.next() == .puback(Acknowledgement(packetID: .of(id))))
                }
                let counters = client.status.counters
                #expect(counters.propertiesDropped == 1 && counters.messagesUnreadable == 1)
                #expect(counters.connections == 1)
                #expect(log.all.count { $0.contains("breaks a rule") } == 1)
            }
        }
    }

    /// 3.1.2-26: an alias exists only between the server and this client, so the server itself made the error.
    @Test func anAliasStillEndsTheConnection() async throws {
        try await ScriptedBroker.with { broker in
            try await withClient(forgiving(broker)) { client in
                let peer = try await broker.acceptAndConnect()
                try await client.connected()
                try await peer.send(bytes: Bytes.packet(0x30, Bytes.string("a"), [3, 0x23, 0, 1]))
                #expect(try await peer.rest() == [.disconnect(Disconnect(reasonCode: .topicAliasInvalid))])
            }
        }
    }
}
