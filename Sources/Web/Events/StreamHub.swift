// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import NIOCore
import Synchronization

/// Brings the board's wakes to the event loops that write the streams.
final class StreamHub: Sendable {
    private let dependencies: WebDependencies
    private let loops = Mutex<[ObjectIdentifier: StreamLoop]>([:])

    init(_ dependencies: WebDependencies) {
        self.dependencies = dependencies
    }

    func loop(of eventLoop: any EventLoop) -> StreamLoop {
        loops.withLock { loops in
            let id = ObjectIdentifier(eventLoop)
            if let loop = loops[id] { return loop }
            let loop = StreamLoop(
                eventLoop, EventEncoder(now: dependencies.now, speed: dependencies.speed))
            loops[id] = loop
            return loop
        }
    }
}

/// The streams of one event loop.
///
/// A publication wakes many streams from another thread. A task a stream would cost a switch of tasks and a hop to the
/// event loop for each; here they are noted in a set, and jobs of the event loop write them all. Each event is encoded
/// once a round, and its buffers are shared. See docs/decisions/0018-streams-by-event-loop.md.
final class StreamLoop: Sendable {
    /// How many streams one job writes before it lets the loop's other connections go on.
    private static let streamsOfOneJob = 128

    private struct Woken {
        var lastKey = 0
        var keys: Set<Int> = []
        var isScheduled = false

        mutating func take() -> Set<Int> {
            defer { keys = [] }
            return keys
        }
    }

    /// What the event loop alone touches.
    private final class Confined {
        var writers: [Int: StreamWriter] = [:]
        var encoder: EventEncoder
        /// The streams of this round that are still to be written. The next round begins when all of them were, so that
        /// streams which are woken again and again keep none waiting.
        var round: ArraySlice<Int> = []

        init(_ encoder: EventEncoder) {
            self.encoder = encoder
        }
    }

    private let eventLoop: any EventLoop
    private let woken = Mutex(Woken())
    private let confined: NIOLoopBoundBox<Confined>

    fileprivate init(_ eventLoop: any EventLoop, _ encoder: sending EventEncoder) {
        self.eventLoop = eventLoop
        confined = .makeBoxSendingValue(Confined(encoder), eventLoop: eventLoop)
    }

    /// Returns a key for a new stream.
    func newKey() -> Int {
        woken.withLock { woken in
            woken.lastKey += 1
            return woken.lastKey
        }
    }

    /// Has the stream written soon. Any thread.
    func wake(_ key: Int) {
        let isFirst = woken.withLock { woken in
            woken.keys.insert(key)
            defer { woken.isScheduled = true }
            return !woken.isScheduled
        }
        if isFirst { eventLoop.execute { self.writeWoken() } }
    }

    /// Writes a stream until it ends. Called on the event loop.
    func add(_ writer: StreamWriter, key: Int) {
        let confined = confined.value
        confined.writers[key] = writer
        write(writer, key, confined)
        confined.encoder.forget()
    }

    private func writeWoken() {
        let confined = confined.value
        if confined.round.isEmpty {
            confined.round = ArraySlice(woken.withLock { woken in woken.take() })
            confined.encoder.forget()
        }
        for key in confined.round.prefix(Self.streamsOfOneJob) {
            if let writer = confined.writers[key] { write(writer, key, confined) }
        }
        confined.round = confined.round.dropFirst(Self.streamsOfOneJob)
        let isRest = !confined.round.isEmpty
        let goesOn = woken.withLock { woken in
            woken.isScheduled = isRest || !woken.keys.isEmpty
            return woken.isScheduled
        }
        if goesOn {
            eventLoop.execute { self.writeWoken() }
        } else {
            confined.encoder.forget()
        }
    }

    private func write(_ writer: StreamWriter, _ key: Int, _ confined: Confined) {
        writer.write(&confined.encoder)
        if writer.hasEnded { confined.writers[key] = nil }
    }
}
