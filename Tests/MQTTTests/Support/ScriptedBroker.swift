// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import NIOCore
import NIOPosix

@testable import MQTT

/// A server that sends what the test tells it, packet by packet or byte by byte, and may break any rule.
///
/// It belongs to the task of one test.
final class ScriptedBroker {
    private let server: any Channel
    private var peers: AsyncStream<ScriptedPeer.Parts>.Iterator

    var port: Int { server.localAddress?.port ?? 0 }

    private init(server: any Channel, peers: AsyncStream<ScriptedPeer.Parts>) {
        self.server = server
        self.peers = peers.makeAsyncIterator()
    }

    static func with<Result>(
        version: ProtocolVersion = .v5, _ body: (ScriptedBroker) async throws -> Result
    ) async throws -> Result {
        let (peers, continuation) = AsyncStream.makeStream(of: ScriptedPeer.Parts.self)
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            // The server may stay open after the client has closed its side.
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let (packets, packetContinuation) = AsyncStream.makeStream(of: ScriptedPeer.Event.self)
                    let handler = PeerHandler(version: version, packets: packetContinuation)
                    try channel.pipeline.syncOperations.addHandler(handler)
                    continuation.yield(ScriptedPeer.Parts(channel: channel, events: packets, version: version))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let broker = ScriptedBroker(server: server, peers: peers)
        do {
            let result = try await body(broker)
            try await server.close()
            return result
        } catch {
            try await server.close()
            throw error
        }
    }

    /// Waits for the next connection.
    func accept() async throws -> ScriptedPeer {
        guard let parts = await peers.next(isolation: #isolation) else { throw ScriptedPeer.Ended() }
        return ScriptedPeer(parts)
    }

    /// Waits for the next connection and answers its CONNECT.
    func acceptAndConnect(sessionPresent: Bool = false, _ properties: Properties = []) async throws -> ScriptedPeer {
        let peer = try await accept()
        guard case .connect = try await peer.next() else { throw ScriptedPeer.Ended() }
        let connack = ConnAck(isSessionPresent: sessionPresent, reasonCode: .success, properties: properties)
        try await peer.send(.connack(connack))
        return peer
    }
}

/// One connection of the scripted server.
final class ScriptedPeer {
    enum Event: Sendable {
        case packet(Packet)
        case garbage(CodecError)
    }

    struct Parts: Sendable {
        let channel: any Channel
        let events: AsyncStream<Event>
        let version: ProtocolVersion
    }

    /// The client closed its side, or the whole connection.
    struct Ended: Error {}

    private let channel: any Channel
    private var events: AsyncStream<Event>.Iterator
    private let encoder: PacketEncoder

    init(_ parts: Parts) {
        channel = parts.channel
        events = parts.events.makeAsyncIterator()
        encoder = PacketEncoder(version: parts.version, from: .server)
    }

    /// Returns the client's next packet; throws after the client has closed.
    func next() async throws -> Packet {
        switch await events.next(isolation: #isolation) {
        case .packet(let packet): return packet
        case .garbage(let error): throw error
        case nil: throw Ended()
        }
    }

    /// Returns what the client still sends before it closes.
    func rest() async throws -> [Packet] {
        var packets: [Packet] = []
        while let event = await events.next(isolation: #isolation) {
            switch event {
            case .packet(let packet): packets.append(packet)
            case .garbage(let error): throw error
            }
        }
        return packets
    }

    func send(_ packets: Packet...) async throws {
        var bytes = ByteBuffer()
        for packet in packets { try encoder.encode(packet, into: &bytes) }
        try await channel.writeAndFlush(bytes)
    }

    func send(bytes: [UInt8]) async throws {
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes))
    }

    /// Closes without DISCONNECT.
    func close() async throws {
        try await channel.close()
    }

    /// Answers a SUBSCRIBE and grants everything.
    func grant(_ code: ReasonCode = .grantedQoS1) async throws {
        guard case .subscribe(let subscribe) = try await next() else { throw Ended() }
        let codes = subscribe.subscriptions.map { _ in code }
        try await send(.suback(SubscribeReply(packetID: subscribe.packetID, reasonCodes: codes)))
    }
}

/// Decodes the client's packets.
private final class PeerHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private var decoder: PacketDecoder
    private let packets: AsyncStream<ScriptedPeer.Event>.Continuation

    init(version: ProtocolVersion, packets: AsyncStream<ScriptedPeer.Event>.Continuation) {
        decoder = PacketDecoder(version: version, from: .client)
        self.packets = packets
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        decoder.append(unwrapInboundIn(data))
        do throws(CodecError) {
            while let packet = try decoder.next() { packets.yield(.packet(packet)) }
        } catch {
            packets.yield(.garbage(error))
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed = event as? ChannelEvent { packets.finish() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) { packets.finish() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
