// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Metrics
import NIOCore
import Service
import Synchronization

/// Asks for a stream's end from any thread.
final class StreamEnd: Sendable {
    private let isAsked = Atomic(false)
    private let isAtOnce = Atomic(false)

    /// Whether the stream must end when the event under way is written.
    var wasAsked: Bool { isAsked.load(ordering: .acquiring) }

    /// Whether the stream must not even wait for that.
    var wasAskedAtOnce: Bool { isAtOnce.load(ordering: .acquiring) }

    func ask(atOnce: Bool = false) {
        if atOnce { isAtOnce.store(true, ordering: .releasing) }
        isAsked.store(true, ordering: .releasing)
    }
}

/// Writes one stream's events to its connection, on the connection's event loop.
///
/// One part of an event is under way at most. The next event is chosen when the connection has taken the last part, so
/// a slow reader gets the newest state instead of a queue. Parts go to the connection below the HTTP encoder, since
/// they are encoded already.
final class StreamWriter {
    private let connection: ChannelHandlerContext
    private let subscription: BoardSubscription
    private let follower: UpdateFollower
    private let dependencies: WebDependencies
    private let end: StreamEnd
    private let wake: @Sendable () -> Void
    private let ended: () -> Void

    private var parts: ArraySlice<ByteBuffer> = []
    private var frame: (tag: RevisionTag, kind: BoardFrame.Kind, start: UpdateFollower.Start?)?
    /// Whether a beat that is due goes before the next frame: a board that changes without pause must still beat.
    private var beatGoesFirst = false
    private var shown: Revision?
    private var isWriting = false
    private var deadline: Scheduled<Void>?
    private(set) var hasEnded = false

    /// Counts revisions that had no frame of their own since the reader was slow. In a department's stream it also
    /// counts some revisions that changed other departments alone.
    private static let skipped = Counter(label: "consultease.streams.coalesced")
    static let cut = Counter(label: "consultease.streams.stalled")

    /// - Parameters:
    ///   - connection: the context of the channel's HTTP encoder.
    ///   - wake: has `write` called soon.
    ///   - ended: called once, when nothing is under way any more: `end` was asked for, or the connection failed.
    init(
        connection: ChannelHandlerContext, subscription: BoardSubscription, follower: UpdateFollower,
        dependencies: WebDependencies, end: StreamEnd, wake: @escaping @Sendable () -> Void,
        ended: @escaping () -> Void
    ) {
        self.connection = connection
        self.subscription = subscription
        self.follower = follower
        self.dependencies = dependencies
        self.end = end
        self.wake = wake
        self.ended = ended
    }

    /// Writes what the stream doesn't have yet, as far as the connection takes it at once.
    func write(_ encoder: inout EventEncoder) {
        if end.wasAskedAtOnce { finish() }
        while !isWriting, !hasEnded {
            if let part = parts.popFirst() {
                send(part)
            } else if end.wasAsked {
                finish()
            } else if let event = next(&encoder) {
                parts = event[...]
            } else {
                return
            }
        }
    }

    private func next(_ encoder: inout EventEncoder) -> [ByteBuffer]? {
        if beatGoesFirst {
            beatGoesFirst = false
            if let beat = beat(&encoder) { return beat }
        }
        // Read before the frame is taken: if there is no frame, nothing in this scope changed up to this revision.
        let present = dependencies.board.revision
        if let frame = subscription.nextFrame() {
            beatGoesFirst = true
            self.frame = (frame.tag, frame.kind, follower.start)
            return encoder.parts(of: frame)
        }
        follower.hasNothingNew(upTo: present)
        return beat(&encoder)
    }

    private func beat(_ encoder: inout EventEncoder) -> [ByteBuffer]? {
        guard let tag = subscription.takeBeat() else { return nil }
        shown = tag.revision
        return encoder.beat(tag)
    }

    private func send(_ part: ByteBuffer) {
        isWriting = true
        let written = connection.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { result in self.wrote(result) }
        connection.write(NIOAny(IOData.byteBuffer(part)), promise: written)
        connection.flush()
        // Most writes are done by now, so few need a deadline.
        guard isWriting else { return }
        let channel = connection.channel
        deadline = connection.eventLoop.scheduleTask(in: TimeAmount(dependencies.limits.stalledWrite)) {
            Self.cut.increment()
            channel.close(promise: nil)
        }
    }

    private func wrote(_ result: Result<Void, any Error>) {
        isWriting = false
        let wasDelayed = deadline != nil
        deadline?.cancel()
        deadline = nil
        guard case .success = result else {
            finish()
            // So that the loop forgets this stream.
            return wake()
        }
        if parts.isEmpty { noteFrame() }
        if wasDelayed { wake() }
    }

    /// Notes that the frame under way is written whole.
    private func noteFrame() {
        guard let frame else { return }
        self.frame = nil
        follower.wrote(frame.tag.revision, at: dependencies.now(), since: frame.start)
        let missed = frame.tag.revision.number - (shown?.number ?? .max) - 1
        if frame.kind == .change, missed > 0 { Self.skipped.increment(by: missed) }
        shown = frame.tag.revision
    }

    private func finish() {
        guard !hasEnded else { return }
        hasEnded = true
        ended()
    }
}

@available(*, unavailable)
extension StreamWriter: Sendable {}
