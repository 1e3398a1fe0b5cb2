// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Logging
import NIOCore
import NIOEmbedded
import Testing

@testable import MQTT

@Suite("A client in memory, under a clock that the test moves", .timeLimit(.minutes(5)))
struct InMemoryTests {
    /// The test uses no socket and doesn't wait: a day of keep-alive passes at once.
    @Test func connectsReceivesAndStaysAliveByTheLoopsOwnTime() async throws {
        let loop = NIOAsyncTestingEventLoop()
        let transport = MemoryTransport()
        var configuration = ClientConfiguration(address: .unix(path: "nowhere"), clientID: "c")
        configuration.keepAlive = .seconds(3_600)
        let environment = ClientEnvironment(group: loop, transport: transport)
        let client = MQTTClient(
            configuration: configuration, logger: Logger(label: "mqtt") { _ in SwiftLogNoOpLogHandler() },
            environment: environment)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await client.run() }
            var peer = MemoryPeer(channel: try await transport.next())
            guard case .connect = try await peer.next() else { throw MemoryPeer.Unexpected() }
            try await peer.send(
                .connack(ConnAck(isSessionPresent: false, reasonCode: .success, properties: [])))
            try await client.connected()

            let start = ContinuousClock.now
            for _ in 0..<24 {
                await loop.advanceTime(by: .seconds(2_700))
                guard case .pingreq = try await peer.next() else { throw MemoryPeer.Unexpected() }
                try await peer.send(.pingresp)
            }
            #expect(client.status.counters.pingsSent == 24)
            #expect(ContinuousClock.now - start < .seconds(30))

            let traceParent = UserProperty(name: "traceparent", value: "00-1-2-01")
            let id = try #require(PacketID(7))
            try await peer.send(
                .publish(
                    Publish(
                        topic: "a", payload: [1], delivery: .atLeastOnce(id, isDuplicate: false), isRetained: false,
                        properties: [.userProperty(traceParent)])))
            for await message in client.messages {
                #expect(message.properties.user == [traceParent])
                message.ack()
                break
            }
            guard case .puback(let reply) = try await peer.next() else { throw MemoryPeer.Unexpected() }
            #expect(reply.packetID == id)

            // No answer comes, so the loop's time alone ends the connection.
            await loop.advanceTime(by: .seconds(2_700))
            guard case .pingreq = try await peer.next() else { throw MemoryPeer.Unexpected() }
            await loop.advanceTime(by: .seconds(10))
            try await eventually("given up") { client.status.lastEnd == .timedOut(.pingresp) }
            group.cancelAll()
        }
    }
}

/// Gives a client channels whose other end the test holds.
private final class MemoryTransport: Transport {
    private let channels: AsyncStream<NIOAsyncTestingChannel>
    private let continuation: AsyncStream<NIOAsyncTestingChannel>.Continuation

    init() {
        (channels, continuation) = AsyncStream.makeStream()
    }

    func connect(
        to address: BrokerAddress, on eventLoop: any EventLoop, within limit: TimeAmount,
        prepare: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
    ) async throws -> any Channel {
        guard let loop = eventLoop as? NIOAsyncTestingEventLoop else { throw MemoryPeer.Unexpected() }
        let channel = NIOAsyncTestingChannel(loop: loop)
        try await loop.submit { prepare(channel) }.flatMap { $0 }.get()
        // The address is never used; connecting makes the channel active.
        try await channel.connect(to: try SocketAddress(unixDomainSocketPath: "nowhere")).get()
        continuation.yield(channel)
        return channel
    }

    func next() async throws -> NIOAsyncTestingChannel {
        for await channel in channels { return channel }
        throw MemoryPeer.Unexpected()
    }
}

/// The broker's end of such a channel.
private struct MemoryPeer {
    struct Unexpected: Error {}

    let channel: NIOAsyncTestingChannel
    private var decoder = PacketDecoder(version: .v5, from: .client)

    init(channel: NIOAsyncTestingChannel) {
        self.channel = channel
    }

    mutating func next() async throws -> Packet {
        while true {
            if let packet = try decoder.next() { return packet }
            decoder.append(try await channel.waitForOutboundWrite(as: ByteBuffer.self))
        }
    }

    func send(_ packet: Packet) async throws {
        var bytes = ByteBuffer()
        try PacketEncoder(version: .v5, from: .server).encode(packet, into: &bytes)
        try await channel.writeInbound(bytes)
    }
}
