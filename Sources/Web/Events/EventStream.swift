// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Hummingbird
import Metrics
import NIOCore
import Service
import ServiceLifecycle

/// One open stream: follows the board until the reader goes, stands still for too long, or the server shuts down.
///
/// Holds one frame at most: while a write waits for the reader, what changes meanwhile becomes one frame.
struct EventStream: Sendable {
    let dependencies: WebDependencies
    let gate: StreamGate
    let peer: Peer?
    let department: String?
    let after: RevisionTag?
    let channel: any Channel

    /// Revisions that no frame of their own told of, since the reader was slow. In a department's stream also a few that were
    /// none of its business.
    private static let skipped = Counter(label: "consultease.streams.coalesced")
    private static let cut = Counter(label: "consultease.streams.stalled")

    func run(for request: Request, to writer: inout any ResponseBodyWriter) async throws {
        guard dependencies.board.staleAt == nil, gate.enter(peer) else { return try await writer.finish(nil) }
        defer { gate.leave(peer) }
        let follower = dependencies.trail.follow()
        defer { follower.leave() }
        let subscription = dependencies.board.subscribe(department: department, after: after)
        defer { subscription.cancel() }
        ConnectionPatience.limit(channel)
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
            // A beat is due between frames too: a board that changes without pause must not look dead.
            repeat {
                // Before the frame is taken: where there is none, nothing in this scope changed up to here.
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

    /// Cuts the connection where `body` stands still: the write that waits then throws.
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
