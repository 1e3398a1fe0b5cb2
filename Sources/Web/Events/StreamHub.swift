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
/// event loop for each; here they are noted in a set, and one job of the event loop writes them all. Each event is
/// encoded once a job, and its buffers are shared.
final class StreamLoop: Sendable {
    /// How many streams one job writes before it lets the loop's other connections go on.
    private static let streamsOfOneJob = 128

    private struct Woken {
        var lastKey = 0
        var keys: Set<Int> = []
        var isScheduled = false
    }

    private struct Confined {
        var writers: [Int: StreamWriter] = [:]
        var encoder: EventEncoder
    }

    private let eventLoop: any EventLoop
    private let woken = Mutex(Woken())
    private let confined: NIOLoopBoundBox<Confined>

    fileprivate init(_ eventLoop: any EventLoop, _ encoder: sending EventEncoder) {
        self.eventLoop = eventLoop
        confined = .makeBoxSendingValue(Confined(encoder: encoder), eventLoop: eventLoop)
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
        confined.value.writers[key] = writer
        write(writer, key)
        confined.value.encoder.forget()
    }

    private func writeWoken() {
        let (keys, isRest) = woken.withLock { woken in
            let keys = woken.keys.prefix(Self.streamsOfOneJob)
            woken.keys.subtract(keys)
            woken.isScheduled = !woken.keys.isEmpty
            return (Array(keys), woken.isScheduled)
        }
        for key in keys {
            if let writer = confined.value.writers[key] { write(writer, key) }
        }
        if isRest {
            eventLoop.execute { self.writeWoken() }
        } else {
            confined.value.encoder.forget()
        }
    }

    private func write(_ writer: StreamWriter, _ key: Int) {
        writer.write(&confined.value.encoder)
        if writer.hasEnded { confined.value.writers[key] = nil }
    }
}
