// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Synchronization

/// Sends each element to all of its streams. A stream keeps the newest element until its reader takes it.
///
/// Any thread. A stream leaves when its reader ends.
package final class Broadcast<Element: Sendable>: Sendable {
    private let state = Mutex(State())

    private struct State {
        var isFinished = false
        var lastKey = 0
        var streams: [Int: AsyncStream<Element>.Continuation] = [:]
    }

    package init() {}

    /// Returns a stream of the elements that are sent from now on. It ends with `finish()`, at once if that was called.
    package func stream() -> AsyncStream<Element> {
        let (stream, continuation) = AsyncStream.makeStream(of: Element.self, bufferingPolicy: .bufferingNewest(1))
        let key = state.withLock { state -> Int? in
            guard !state.isFinished else { return nil }
            state.lastKey += 1
            state.streams[state.lastKey] = continuation
            return state.lastKey
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

    package func send(_ element: Element) {
        // Sent outside the lock, since a stream's end takes it too.
        for continuation in state.withLock({ Array($0.streams.values) }) { continuation.yield(element) }
    }

    /// Ends all streams.
    package func finish() {
        let streams = state.withLock { state in
            state.isFinished = true
            defer { state.streams = [:] }
            return state.streams
        }
        for continuation in streams.values { continuation.finish() }
    }
}
