// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Synchronization

/// Streams that are all told the same, each kept to the newest element, until all are finished at once.
final class Broadcast<Element: Sendable>: Sendable {
    private let state = Mutex(State())

    private struct State {
        var isOver = false
        var nextKey = 0
        var streams: [Int: AsyncStream<Element>.Continuation] = [:]
    }

    /// A stream of what is told from now on; finished from the start if all are.
    func stream() -> AsyncStream<Element> {
        let (stream, continuation) = AsyncStream.makeStream(of: Element.self, bufferingPolicy: .bufferingNewest(1))
        let key = state.withLock { state -> Int? in
            guard !state.isOver else { return nil }
            state.nextKey += 1
            state.streams[state.nextKey] = continuation
            return state.nextKey
        }
        guard let key else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in
            _ = self?.state.withLock { $0.streams.removeValue(forKey: key) }
        }
        return stream
    }

    func tell(_ element: Element) {
        // Told outside the lock, which a stream's end takes too.
        for continuation in state.withLock({ Array($0.streams.values) }) { continuation.yield(element) }
    }

    func finish() {
        let streams = state.withLock { state in
            state.isOver = true
            defer { state.streams = [:] }
            return state.streams
        }
        for continuation in streams.values { continuation.finish() }
    }
}
