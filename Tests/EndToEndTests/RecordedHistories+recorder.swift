// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Consistency
import Domain
import Synchronization

/// Records what clients ask and are told, with one clock. Any thread may use it.
///
/// An operation counts as asked just before the call, and as answered just after it.
final class HistoryRecorder: Sendable {
    private let start = ContinuousClock.now
    private let state = Mutex(State())

    private struct State {
        var operations: [Consistency.Operation] = []
        var newest: RevisionTag?
        var counts = Counts()

        mutating func note(_ kind: Consistency.Operation.Kind) {
            switch kind {
            case .write(let write):
                switch write.outcome {
                case .committed(let tag):
                    counts.committed += 1
                    learn(tag)
                case .duplicate(let tag):
                    counts.duplicates += 1
                    learn(tag)
                case .failed: counts.failed += 1
                case .unknown: counts.unknown += 1
                }
            case .read(let read):
                switch read.answer {
                case .state(let tag, _):
                    counts.reads += 1
                    learn(tag)
                case .unavailable: counts.unavailable += 1
                case .otherLineage, .failed: break
                }
            case .frame(let frame):
                counts.frames += 1
                learn(frame.tag)
            }
        }

        private mutating func learn(_ tag: RevisionTag?) {
            guard let tag, tag.revision > newest?.revision ?? .none else { return }
            newest = tag
        }
    }

    /// The numbers of recorded events: a run in which nothing happened proves nothing.
    struct Counts: Sendable {
        var committed = 0
        var failed = 0
        var unknown = 0
        var duplicates = 0
        var reads = 0
        var unavailable = 0
        var frames = 0
    }

    private var now: Moment {
        let (seconds, attoseconds) = start.duration(to: .now).components
        return Moment(nanoseconds: seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }

    /// The highest revision that any client was told.
    var newest: RevisionTag? { state.withLock(\.newest) }

    var counts: Counts { state.withLock(\.counts) }

    var operations: [Consistency.Operation] { state.withLock(\.operations) }

    /// Records the beginning of an operation, which stays as it is if no answer comes.
    func ask(_ client: String, _ instance: String, _ kind: Consistency.Operation.Kind) -> Int {
        state.withLock { state in
            let id = state.operations.count
            state.operations.append(
                Operation(id: id, client: client, instance: instance, invoked: now, responded: nil, kind: kind))
            return id
        }
    }

    /// Records an answer. Only the first one counts, because the client acts on it.
    func answer(_ id: Int, _ kind: Consistency.Operation.Kind) {
        state.withLock { state in
            guard state.operations[id].responded == nil else { return }
            state.operations[id].kind = kind
            state.operations[id].responded = now
            state.note(kind)
        }
    }

    /// Records the next frame of a stream.
    func frame(_ client: String, _ instance: String, _ frame: Frame) {
        answer(ask(client, instance, .frame(frame)), .frame(frame))
    }
}
