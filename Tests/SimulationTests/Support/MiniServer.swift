// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Concurrency
import Foundation
import Logging
import MQTT
import NIOCore
import NIOHTTP1
import NIOPosix

@testable import Simulation

/// A stand-in for a server: it reads from a broker, judges with `MiniJudge`, acknowledges, and serves the list and the
/// stream.
actor MiniServer {
    private var judge: MiniJudge
    private var revision = 1
    private var changedAt: [Int64: Int] = [:]
    private let started = ContinuousClock.now
    private let broker: BrokerAddress
    /// A defect of the stream: in regular frames the revision goes back.
    private let goesBack: Bool

    init(roster: LoadRoster, broker: BrokerAddress, defect: MiniJudge.Defect? = nil, goesBack: Bool = false) {
        judge = MiniJudge(roster: roster, defect: defect)
        self.broker = broker
        self.goesBack = goesBack
    }

    var endState: EndState { judge.endState }

    /// Runs until cancelled; `body` gets the HTTP address.
    nonisolated func run<Value: Sendable>(_ body: @Sendable (HTTPAddress) async throws -> Value) async throws -> Value {
        var configuration = ClientConfiguration(address: broker, clientID: "mini-server")
        configuration.subscriptions = [Subscription("consultease/#")]
        configuration.backoff = Backoff(first: .milliseconds(20), cap: .milliseconds(200), jitter: 0...1)
        let client = MQTTClient(
            configuration: configuration, logger: Logger(label: "mini") { _ in SwiftLogNoOpLogHandler() })
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    return try NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>(
                        wrappingChannelSynchronously: channel)
                }
            }
        let address = HTTPAddress(host: "127.0.0.1", port: server.channel.localAddress?.port ?? 0)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await client.run() }
            group.addTask {
                for await message in client.messages {
                    if let reply = await self.take(message) {
                        // This task must not wait for another one: a QoS 0 publish never waits.
                        _ = try? await client.publish(
                            topic: reply.topic, payload: Array(reply.body.utf8), qos: .atMostOnce)
                    }
                    message.ack()
                }
            }
            group.addTask {
                try await server.executeThenClose { inbound in
                    try await withThrowingDiscardingTaskGroup { connections in
                        for try await connection in inbound {
                            connections.addTask { try? await self.serve(connection) }
                        }
                    }
                }
            }
            defer { group.cancelAll() }
            return try await body(address)
        }
    }

    private func take(_ message: IncomingMessage) -> MiniJudge.Reply? {
        let before = judge.endState.faculty
        let now = Int64(started.duration(to: .now) / .milliseconds(1))
        let reply = judge.take(
            topic: message.topic, payload: message.payload, isRetained: message.isRetained, now: now)
        let changed = judge.endState.faculty.filter { before[$0.key] != $0.value }
        if !changed.isEmpty {
            revision += 1
            for id in changed.keys { changedAt[id] = revision }
        }
        return reply
    }

    private func card(_ id: Int64) -> String {
        let availability = judge.people[id]?.availability ?? "unknown"
        return
            #"{"id":\#(id),"name":"P","availability":"\#(availability)","status":\#(availability == "available"),"version":1}"#
    }

    private func list() -> String {
        let cards = judge.roster.units.map { card($0.faculty) }.joined(separator: ",")
        return #"{"lineage":"a1","revision":"a1-\#(revision)","faculty":[\#(cards)]}"#
    }

    /// Returns everything that changed after `after`, or everything if it is nil; nil if nothing did.
    private func frame(after: Int?) -> (text: String, revision: Int)? {
        let ids = judge.roster.units.map(\.faculty).filter { id in after.map { changedAt[id] ?? 1 > $0 } ?? true }
        guard !ids.isEmpty else { return nil }
        let shown = goesBack && revision > 20 ? revision - 10 * (revision % 2) : revision
        let cards = ids.map { card($0) }.joined(separator: ",")
        let name = after == nil ? "snapshot" : "change"
        return (
            "event: \(name)\nid: a1-\(shown)\ndata: {\"revision\":\"a1-\(shown)\",\"cards\":[\(cards)],\"removed\":[]}\n\n",
            revision
        )
    }

    private nonisolated func serve(
        _ connection: NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>
    ) async throws {
        try await connection.executeThenClose { inbound, outbound in
            for try await part in inbound {
                guard case .head(let head) = part else { continue }
                if head.uri == "/api/v1/events" {
                    let last = head.headers.first(name: "Last-Event-ID").flatMap { ScreenRevision($0) }
                    let headers: HTTPHeaders = ["Content-Type": "text/event-stream"]
                    try await outbound.write(.head(HTTPResponseHead(version: .http1_1, status: .ok, headers: headers)))
                    var seen = last.map { Int($0.number) }
                    while true {
                        if let (text, revision) = await frame(after: seen) {
                            seen = revision
                            try await outbound.write(.body(.byteBuffer(ByteBuffer(string: text))))
                        }
                        try await ContinuousClock().sleep(for: .milliseconds(3))
                    }
                }
                let body = ByteBuffer(string: head.uri == "/api/v1/faculty" ? await list() : "")
                let status: HTTPResponseStatus = head.uri == "/api/v1/faculty" ? .ok : .notFound
                let headers: HTTPHeaders = ["Content-Length": "\(body.readableBytes)"]
                try await outbound.write(.head(HTTPResponseHead(version: .http1_1, status: status, headers: headers)))
                try await outbound.write(.body(.byteBuffer(body)))
                try await outbound.write(.end(nil))
            }
        }
    }
}
