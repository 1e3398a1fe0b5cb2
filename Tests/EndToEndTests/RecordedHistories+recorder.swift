// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Consistency
import Domain
import Synchronization

/// Notes what clients ask and are told, as it happens, by one clock. Any thread.
///
/// An operation counts as asked from just before the call, and as answered from just after it.
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

    /// What came together: a run in which nothing happened proves nothing.
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

    /// The highest revision that anybody was told.
    var newest: RevisionTag? { state.withLock(\.newest) }

    var counts: Counts { state.withLock(\.counts) }

    var operations: [Consistency.Operation] { state.withLock(\.operations) }

    /// Begins an operation; without an answer it stays as it is here.
    func ask(_ client: String, _ instance: String, _ kind: Consistency.Operation.Kind) -> Int {
        state.withLock { state in
            let id = state.operations.count
            state.operations.append(
                Operation(id: id, client: client, instance: instance, invoked: now, responded: nil, kind: kind))
            return id
        }
    }

    /// The first answer counts: it is what the client goes by.
    func answer(_ id: Int, _ kind: Consistency.Operation.Kind) {
        state.withLock { state in
            guard state.operations[id].responded == nil else { return }
            state.operations[id].kind = kind
            state.operations[id].responded = now
            state.note(kind)
        }
    }

    /// Takes the next frame of a stream, and notes it.
    func frame(_ client: String, _ instance: String, _ frame: Frame) {
        answer(ask(client, instance, .frame(frame)), .frame(frame))
    }
}
