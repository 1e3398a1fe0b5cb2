// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Hummingbird
import Metrics
import NIOCore
import Service
import ServiceLifecycle

/// Sends the board's events to one reader, until the reader leaves or stalls for too long, or the server shuts down.
///
/// The stream holds one frame at most: changes that come while a write waits for the reader become one frame.
struct EventStream: Sendable {
    let dependencies: WebDependencies
    let gate: StreamGate
    let peer: Peer?
    let department: String?
    let after: RevisionTag?
    let channel: any Channel

    /// Counts revisions that had no frame of their own since the reader was slow. In a department's stream it also
    /// counts some revisions that changed other departments alone.
    private static let skipped = Counter(label: "consultease.streams.coalesced")
    private static let cut = Counter(label: "consultease.streams.stalled")

    func run(for request: Request, to writer: inout any ResponseBodyWriter) async throws {
        guard dependencies.board.staleAt == nil, gate.enter(peer) else { return try await writer.finish(nil) }
        defer { gate.leave(peer) }
        let follower = dependencies.trail.follow()
        defer { follower.leave() }
        let subscription = dependencies.board.subscribe(department: department, after: after)
        defer { subscription.cancel() }
        StreamSocketOptions.limit(channel)
        try await withGracefulShutdownHandler {
            try await request.body.consumeWithInboundCloseHandler { _ in
                try await follow(subscription, follower, &writer)
            } onInboundClosed: {
                subscription.cancel()
            }
        } onGracefulShutdown: {
            subscription.cancel()
        }
        try await withinLimit { try await writer.finish(nil) }
    }

    private func follow(
        _ subscription: BoardSubscription, _ follower: UpdateFollower, _ writer: inout any ResponseBodyWriter
    ) async throws {
        var shown: Revision?
        for await _ in subscription.signals {
            // A beat is due between frames too: a board that changes without pause must still beat.
            repeat {
                // Read before the frame is taken: if there is no frame, nothing in this scope changed up to this
                // revision.
                let present = dependencies.board.snapshot.revision
                let frame = subscription.nextFrame()
                if let frame {
                    let start = follower.start
                    try await write(EventFraming(frame), to: &writer)
                    follower.wrote(frame.tag.revision, at: dependencies.now(), since: start)
                    let missed = frame.tag.revision.number - (shown?.number ?? .max) - 1
                    if frame.kind == .change, missed > 0 { Self.skipped.increment(by: missed) }
                    shown = frame.tag.revision
                } else {
                    follower.hasNothingNew(upTo: present)
                }
                if let tag = subscription.takeBeat() {
                    shown = tag.revision
                    let beat = EventFraming(beat: tag, now: dependencies.now(), speed: dependencies.speed)
                    try await write(beat, to: &writer)
                }
                guard frame != nil else { break }
            } while !Task.isCancelled
        }
    }

    private func write(_ event: EventFraming, to writer: inout any ResponseBodyWriter) async throws {
        for part in event {
            try await withinLimit { try await writer.write(part) }
        }
    }

    /// Closes the connection if `body` takes too long: the waiting write then throws.
    private func withinLimit(_ body: () async throws -> Void) async throws {
        let channel = channel
        let deadline = channel.eventLoop.scheduleTask(in: TimeAmount(dependencies.limits.stalledWrite)) {
            Self.cut.increment()
            channel.close(promise: nil)
        }
        defer { deadline.cancel() }
        try await body()
    }
}
