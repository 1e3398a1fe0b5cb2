// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Dispatch
import SQL
import Synchronization

/// A bounded hand-over between two engines' own threads: the reader waits while it is full, the writer while it is
/// empty.
///
/// Waiting blocks the thread, so neither side may be on the cooperative pool. It can't deadlock: each side waits for
/// the other alone, each has a thread of its own, and whichever ends first, for whatever reason, calls `end`, after
/// which neither side waits. One reader, one writer.
package final class BoundedChannel<Piece: Sendable>: Sendable {
    /// Signalled once for each free place, and once for good at the end.
    private let places = DispatchSemaphore(value: 0)
    /// Signalled once for each piece, and once for good at the end.
    private let pieces = DispatchSemaphore(value: 0)
    private let state = Mutex(State())

    private struct State {
        var waiting: [Piece] = []
        var end: Result<Void, any Error>?
        var isPut = false
        var isTaken = false
    }

    package init(capacity: Int) {
        // Not by the initial value: libdispatch refuses to free a semaphore that stands lower than it began.
        for _ in 0..<capacity { places.signal() }
    }

    /// Called by each side before its first piece. Throws the second time: an engine that runs a transaction anew must
    /// not go on with half of what there was.
    package func begin(putting: Bool) throws {
        let isFirst = state.withLock { state in
            defer { if putting { state.isPut = true } else { state.isTaken = true } }
            return putting ? !state.isPut : !state.isTaken
        }
        guard isFirst else {
            throw CopyError(
                .interrupted, "the database began the copy anew, which can't be done half-way: run it again")
        }
    }

    /// Waits for a place. Throws if the other side has ended.
    package func put(_ piece: Piece) throws {
        places.wait()
        let end = state.withLock { state in
            if state.end == nil { state.waiting.append(piece) }
            return state.end
        }
        if let end {
            places.signal()
            try end.get()
            throw CopyError(.interrupted, "the copy ended before all was read")
        }
        pieces.signal()
    }

    /// Waits for a piece. Nil after the last one; throws if the reader failed.
    package func take() throws -> Piece? {
        pieces.wait()
        let (piece, end) = state.withLock { state in
            (state.waiting.isEmpty ? nil : state.waiting.removeFirst(), state.end)
        }
        if let piece {
            places.signal()
            return piece
        }
        pieces.signal()
        try end?.get()
        return nil
    }

    /// No more pieces, or, with an error, no use in any: what waits is dropped. The first call counts.
    package func end(_ result: Result<Void, any Error>) {
        state.withLock { state in
            guard state.end == nil else { return }
            state.end = result
            if case .failure = result { state.waiting = [] }
        }
        places.signal()
        pieces.signal()
    }
}
