// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Hummingbird
import Metrics
import NIOCore
import NIOHTTP1
import Service
import ServiceLifecycle

/// Sends the board's events to one reader, until the reader leaves or stalls for too long, or the server shuts down.
///
/// The request's task only waits: the events are written on the connection's event loop, by `StreamWriter`.
struct EventStream: Sendable {
    let dependencies: WebDependencies
    let gate: StreamGate
    let hub: StreamHub
    let peer: Peer?
    let department: String?
    let after: RevisionTag?
    let channel: any Channel

    func run(for request: Request, to writer: inout any ResponseBodyWriter) async throws {
        guard dependencies.board.staleAt == nil, gate.enter(peer) else { return try await writer.finish(nil) }
        defer { gate.leave(peer) }
        let follower = dependencies.trail.follow()
        defer { follower.leave() }
        let loop = hub.loop(of: channel.eventLoop)
        let key = loop.newKey()
        let subscription = dependencies.board.subscribe(department: department, after: after) { loop.wake(key) }
        defer { subscription.cancel() }
        StreamSocketOptions.limit(channel)
        let end = StreamEnd()
        let ask: @Sendable (Bool) -> Void = { atOnce in
            end.ask(atOnce: atOnce)
            loop.wake(key)
        }
        try await withGracefulShutdownHandler {
            try await request.body.consumeWithInboundCloseHandler { _ in
                await withTaskCancellationHandler {
                    await write(subscription, follower, on: loop, key: key, until: end)
                } onCancel: {
                    ask(true)
                }
            } onInboundClosed: {
                ask(false)
            }
        } onGracefulShutdown: {
            ask(false)
        }
        try await finish(writer)
    }

    /// Returns when the stream has ended.
    private func write(
        _ subscription: BoardSubscription, _ follower: UpdateFollower, on loop: StreamLoop, key: Int,
        until end: StreamEnd
    ) async {
        await withCheckedContinuation { continuation in
            // The response's head goes before: Hummingbird has given it to the event loop already.
            channel.eventLoop.execute {
                guard
                    let encoder = try? channel.pipeline.syncOperations.context(handlerType: HTTPResponseEncoder.self)
                else { return continuation.resume() }
                loop.add(
                    StreamWriter(
                        connection: encoder, subscription: subscription, follower: follower,
                        dependencies: dependencies, end: end, wake: { loop.wake(key) },
                        ended: { continuation.resume() }),
                    key: key)
            }
        }
    }

    /// Ends the response. Closes the connection if that takes too long: the waiting write then throws.
    private func finish(_ writer: consuming any ResponseBodyWriter) async throws {
        let channel = channel
        let deadline = channel.eventLoop.scheduleTask(in: TimeAmount(dependencies.limits.stalledWrite)) {
            StreamWriter.cut.increment()
            channel.close(promise: nil)
        }
        defer { deadline.cancel() }
        try await writer.finish(nil)
    }
}
