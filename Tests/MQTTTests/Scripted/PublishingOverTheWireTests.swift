// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Testing

@testable import MQTT

@Suite("Scripted server, publishing", .timeLimit(.minutes(5)))
struct PublishingOverTheWireTests {
    /// 4.4.0-1: the client sends an unacknowledged message again on resume, and only then does `publish` return.
    @Test(arguments: ProtocolVersion.allCases)
    func aPublishOutlivesItsConnection(version: ProtocolVersion) async throws {
        try await ScriptedBroker.with(version: version) { broker in
            try await withClient(.scripted(broker, version, marker: MemoryMarker())) { client in
                let first = try await broker.acceptAndConnect()
                async let outcome = client.publish(topic: "a", payload: [1])
                #expect(try await first.next() == .publish(.acknowledged("a", 1, [1])))
                try await first.close()
                let second = try await broker.acceptAndConnect(sessionPresent: true)
                #expect(try await second.next() == .publish(.acknowledged("a", 1, [1], isDuplicate: true)))
                try await second.send(.puback(Acknowledgement(packetID: .of(1))))
                #expect(try await outcome == .acknowledged(.success))
            }
        }
    }

    @Test func aLostSessionIsAnOutcome() async throws {
        try await ScriptedBroker.with { broker in
            try await withClient(.scripted(broker)) { client in
                let first = try await broker.acceptAndConnect()
                async let outcome = client.publish(topic: "a", payload: [1])
                _ = try await first.next()
                client.cutConnection()
                #expect(try await first.rest().isEmpty)
                _ = try await broker.acceptAndConnect()
                #expect(try await outcome == .sessionLost)
                #expect(client.status.lastEnd == .cut)
            }
        }
    }

    /// 3.3.4-7: while acknowledgements are missing, the client sends no more than the server's Receive Maximum.
    @Test func theServersReceiveMaximumIsKept() async throws {
        try await ScriptedBroker.with { broker in
            try await withClient(.scripted(broker)) { client in
                let peer = try await broker.acceptAndConnect([.receiveMaximum(2)])
                try await client.connected()
                try await withThrowingTaskGroup(of: PublishOutcome.self) { group in
                    for number in 0..<6 {
                        group.addTask { try await client.publish(topic: "t", payload: [UInt8(number)]) }
                    }
                    var open: [PacketID] = []
                    for answered in 0..<6 {
                        while open.count < min(2, 6 - answered) {
                            guard case .publish(let publish) = try await peer.next(), let id = publish.delivery.packetID
                            else { return }
                            open.append(id)
                        }
                        // If a third message came, it would come before the answer to this one.
                        _ = try await client.publish(topic: "q", payload: [], qos: .atMostOnce)
                        guard case .publish(let marker) = try await peer.next() else { return }
                        #expect(marker.topic == "q")
                        try await peer.send(.puback(Acknowledgement(packetID: open.removeFirst())))
                    }
                    for try await outcome in group { #expect(outcome == .acknowledged(.success)) }
                }
            }
        }
    }

    @Test func refusalsAndWrongsAreTold() async throws {
        try await ScriptedBroker.with { broker in
            var configuration = ClientConfiguration.scripted(broker)
            configuration.publishLimit = 1
            try await withClient(configuration) { client in
                await #expect(throws: PublishError.notConnected) {
                    try await client.publish(topic: "a", payload: [], qos: .atMostOnce)
                }
                let peer = try await broker.acceptAndConnect([.retainAvailable(false)])
                try await client.connected()
                await #expect(throws: PublishError.notSupportedByServer(.retainNotSupported)) {
                    try await client.publish(topic: "a", payload: [], retain: true)
                }
                await #expect(throws: PublishError.self) { try await client.publish(topic: "a/+", payload: []) }
                async let outcome = client.publish(topic: "a", payload: [])
                _ = try await peer.next()
                await #expect(throws: PublishError.tooManyUnderWay) {
                    try await client.publish(topic: "b", payload: [])
                }
                let refusal = Acknowledgement(packetID: .of(2), reasonCode: .notAuthorized)
                try await peer.send(.puback(refusal))
                #expect(try await outcome == .refused(.notAuthorized, reason: nil))
                #expect(try await client.publish(topic: "a", payload: [], qos: .atMostOnce) == .handedOver)
            }
        }
    }

    @Test func aCancelledPublisherWaitsNoLonger() async throws {
        try await ScriptedBroker.with { broker in
            try await withClient(.scripted(broker, marker: MemoryMarker())) { client in
                let peer = try await broker.acceptAndConnect()
                let publishing = Task { try await client.publish(topic: "a", payload: []) }
                _ = try await peer.next()
                publishing.cancel()
                await #expect(throws: CancellationError.self) { try await publishing.value }
                try await peer.close()
                let second = try await broker.acceptAndConnect(sessionPresent: true)
                #expect(try await second.next() == .publish(.acknowledged("a", 1, isDuplicate: true)))
            }
        }
    }
}
