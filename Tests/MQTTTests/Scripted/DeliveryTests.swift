// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Testing

@testable import MQTT

@Suite("Scripted server, messages", .timeLimit(.minutes(5)))
struct DeliveryTests {
    /// 4.3.2-4, 4.6.0-2: PUBACKs leave after the application's `ack()`, in the order of arrival.
    @Test(arguments: ProtocolVersion.allCases)
    func acknowledgementsLeaveInOrderWhenTheApplicationSaysSo(version: ProtocolVersion) async throws {
        try await ScriptedBroker.with(version: version) { broker in
            try await withClient(.scripted(broker, version)) { client in
                let peer = try await broker.acceptAndConnect()
                for id in 1...3 { try await peer.send(.publish(.acknowledged("a", UInt16(id), [UInt8(id)]))) }
                var messages = client.messages.makeAsyncIterator()
                var taken: [IncomingMessage] = []
                while taken.count < 3, let message = await messages.next() { taken.append(message) }
                #expect(taken.map(\.payload) == [[1], [2], [3]])
                #expect(client.status.counters.acknowledgementsSent == 0)
                taken[1].ack()
                taken[2].ack()
                taken[2].ack()
                #expect(client.status.counters.acknowledgementsSent == 0)
                taken[0].ack()
                for id in 1...3 {
                    #expect(try await peer.next() == .puback(Acknowledgement(packetID: .of(UInt16(id)))))
                }
                taken[0].ack()
                try await peer.send(.publish(.acknowledged("a", 1, [9])))
                let next = await messages.next()
                #expect(next?.payload == [9])
                next?.ack()
                #expect(try await peer.next() == .puback(Acknowledgement(packetID: .of(1))))
                #expect(client.status.counters.open == 0)
            }
        }
    }

    @Test func propertiesOfAMessageAreKept() async throws {
        try await ScriptedBroker.with { broker in
            try await withClient(.scripted(broker)) { client in
                let peer = try await broker.acceptAndConnect()
                let properties: Properties = [
                    .userProperty(UserProperty(name: "b", value: "1")), .contentType("t"), .messageExpiryInterval(9),
                    .userProperty(UserProperty(name: "a", value: "2")), .subscriptionIdentifier(4),
                ]
                let publish = Publish(
                    topic: "t/é", payload: [0, 255], delivery: .atLeastOnce(.of(7), isDuplicate: true),
                    isRetained: true,
                    properties: properties)
                try await peer.send(.publish(publish))
                var messages = client.messages.makeAsyncIterator()
                let message = try #require(await messages.next())
                #expect(message.topic == "t/é" && message.payload == [0, 255] && message.qos == .atLeastOnce)
                #expect(message.isRetained && message.isDuplicate)
                #expect(message.properties.user.map(\.name) == ["b", "a"])
                #expect(message.properties.contentType == "t" && message.properties.expirySeconds == 9)
                #expect(!message.properties.isUTF8 && message.properties.responseTopic == nil)
            }
        }
    }

    /// An acknowledgement is valid only on its connection: the same identifier on the next one is another message.
    @Test func anAckOfAnEarlierConnectionDoesNothing() async throws {
        try await ScriptedBroker.with { broker in
            try await withClient(.scripted(broker, marker: MemoryMarker())) { client in
                let first = try await broker.acceptAndConnect()
                try await first.send(.publish(.acknowledged("a", 1)))
                var messages = client.messages.makeAsyncIterator()
                let old = try #require(await messages.next())
                try await first.close()
                let second = try await broker.acceptAndConnect(sessionPresent: true)
                try await second.send(.publish(.acknowledged("a", 1, isDuplicate: true)))
                let new = try #require(await messages.next())
                #expect(new.isDuplicate)
                old.ack()
                new.ack()
                #expect(try await second.next() == .puback(Acknowledgement(packetID: .of(1))))
                #expect(client.status.counters.acknowledgementsSent == 1)
            }
        }
    }

    /// 3.14.4-1, 3.14.4-2: nothing follows DISCONNECT, and the client ends although the server stays open.
    @Test func stoppingSendsDisconnectAndNothingMore() async throws {
        try await ScriptedBroker.with { broker in
            let client = MQTTClient(configuration: .scripted(broker), logger: RecordedLog().logger)
            let running = Task { try await client.run() }
            let peer = try await broker.acceptAndConnect()
            try await client.connected()
            try await peer.send(.publish(.acknowledged("a", 1)), .publish(.acknowledged("a", 2)))
            var messages = client.messages.makeAsyncIterator()
            let first = await messages.next()
            let second = await messages.next()
            first?.ack()
            #expect(try await peer.next() == .puback(Acknowledgement(packetID: .of(1))))
            running.cancel()
            #expect(try await peer.next() == .disconnect(Disconnect()))
            second?.ack()
            #expect(try await peer.rest().isEmpty)
            try await running.value
            #expect(client.status.state == .stopped)
            #expect(await messages.next() == nil, "the messages end with the client")
            await #expect(throws: PublishError.stopped) { try await client.publish(topic: "a", payload: []) }
        }
    }

    /// 4.2-1: the stream may be split anywhere.
    @Test func bytesMayComeOneByOne() async throws {
        try await ScriptedBroker.with { broker in
            try await withClient(.scripted(broker)) { client in
                let peer = try await broker.acceptAndConnect()
                for byte in Bytes.packet(0x30, Bytes.string("topic"), [0], [1, 2, 3]) {
                    try await peer.send(bytes: [byte])
                }
                var messages = client.messages.makeAsyncIterator()
                #expect(await messages.next()?.payload == [1, 2, 3])
            }
        }
    }

    /// The buffer reaches its bound. PINGREQ still goes out, and its deadline stands still.
    @Test func aSlowApplicationStopsTheReadingNotThePings() async throws {
        try await ScriptedBroker.with { broker in
            var configuration = ClientConfiguration.scripted(broker)
            configuration.bufferLimit = 4
            configuration.keepAlive = .seconds(1)
            configuration.pingTimeout = .milliseconds(1500)
            try await withClient(configuration) { client in
                let peer = try await broker.acceptAndConnect()
                try await client.connected()
                for number in 1...40 { try await peer.send(.publish(.once("a", [UInt8(number)]))) }
                try await eventually("paused") { client.status.isReadingPaused }
                // Two unanswered pings take longer than the deadline of one.
                for _ in 0..<2 { #expect(try await peer.next() == .pingreq) }
                #expect(client.status.counters.connections == 1)
                try await peer.send(.pingresp, .pingresp)
                var messages = client.messages.makeAsyncIterator()
                var payloads: [[UInt8]] = []
                while payloads.count < 40, let message = await messages.next() { payloads.append(message.payload) }
                #expect(payloads == (1...40).map { [UInt8($0)] })
                #expect(client.status.counters.bufferHighWater == 4)
                #expect(client.status.counters.readingPauses >= 1)
                #expect(client.status.counters.connections == 1)
            }
        }
    }

    /// The bound in bytes works with a few large messages.
    @Test func aSlowApplicationStopsTheReadingAtSoManyBytes() async throws {
        try await ScriptedBroker.with { broker in
            var configuration = ClientConfiguration.scripted(broker)
            configuration.bufferBytes = 100_000
            try await withClient(configuration) { client in
                let peer = try await broker.acceptAndConnect()
                try await client.connected()
                let large = [UInt8](repeating: 7, count: 30_000)
                for _ in 1...20 { try await peer.send(.publish(.once("a", large))) }
                try await eventually("paused") { client.status.isReadingPaused }
                #expect(client.status.counters.bufferHighWater == 4)
                var messages = client.messages.makeAsyncIterator()
                var count = 0
                while count < 20, await messages.next()?.payload == large { count += 1 }
                #expect(count == 20)
                #expect(client.status.counters.bufferHighWater == 4)
            }
        }
    }

    /// Messages that the application has taken but not acknowledged also stop the reading.
    @Test func openMessagesStopTheReadingAtTheirBound() async throws {
        try await ScriptedBroker.with { broker in
            var configuration = ClientConfiguration.scripted(broker)
            configuration.receiveMaximum = 2
            configuration.receiveMaximumPolicy = .tolerate(upTo: 5)
            try await withClient(configuration) { client in
                let peer = try await broker.acceptAndConnect()
                for id in 1...8 { try await peer.send(.publish(.acknowledged("a", UInt16(id)))) }
                var messages = client.messages.makeAsyncIterator()
                var taken: [IncomingMessage] = []
                while taken.count < 5, let message = await messages.next() { taken.append(message) }
                try await eventually("paused") { client.status.isReadingPaused }
                #expect(client.status.counters.openHighWater == 5)
                // How many of the three unread messages also exceed it depends on how fast these are acknowledged.
                #expect(client.status.counters.receiveMaximumExcess == 3)
                for message in taken { message.ack() }
                for id in 1...5 {
                    #expect(try await peer.next() == .puback(Acknowledgement(packetID: .of(UInt16(id)))))
                }
                while taken.count < 8, let message = await messages.next() { taken.append(message) }
                #expect(client.status.counters.connections == 1)
                #expect(client.status.counters.openHighWater == 5)
            }
        }
    }

    /// Covers 3.1.2-20, and a server that doesn't answer.
    @Test func anUnansweredPingEndsTheConnection() async throws {
        try await ScriptedBroker.with { broker in
            var configuration = ClientConfiguration.scripted(broker)
            configuration.keepAlive = .zero
            configuration.pingTimeout = .seconds(3)
            try await withClient(configuration) { client in
                let peer = try await broker.acceptAndConnect([.serverKeepAlive(1)])
                #expect(try await peer.next() == .pingreq)
                try await peer.send(.pingresp)
                // From here on no ping is answered; the client goes on sending pings meanwhile.
                #expect(try await peer.rest().allSatisfy { $0 == .pingreq })
                try await eventually("reported") { client.status.lastEnd == .timedOut(.pingresp) }
            }
        }
    }
}
