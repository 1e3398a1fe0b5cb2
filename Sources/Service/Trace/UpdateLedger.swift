// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import DequeModule
import Domain

/// Which screens must still be told of which revision. Pure.
///
/// A stream that is open when a revision is committed must be told of it, by a frame or by finding that nothing in its
/// scope changed; the revision is shown when the last of them has. Bounded: of more than `limit` revisions under way
/// the oldest is given up.
struct UpdateLedger<Context: Sendable>: Sendable {
    /// What there is to record.
    enum Effect: Sendable {
        /// One stream has written a frame with the revision, so long after the message came.
        case written(after: Domain.Span)
        /// The last stream has.
        case shown(after: Domain.Span)
        case givenUp
        /// Frames that are worth a span: one for the first few streams, and for the last.
        case frame(Writing, showing: [Revision], contexts: [Context])
    }

    /// When a frame was written.
    struct Writing: Sendable, Hashable {
        let at: Timestamp
        /// Nanoseconds of UTC by the tracer's clock; nil if nothing is traced.
        let traced: (began: UInt64, ended: UInt64)?

        static func == (left: Writing, right: Writing) -> Bool { left.at == right.at }
        func hash(into hasher: inout Hasher) { hasher.combine(at) }
    }

    private struct Entry: Sendable {
        let revision: Revision
        let arrivedAt: Timestamp
        let context: Context?
        /// Streams that must still be told.
        var remaining = 0
        var lastWritten: Timestamp?
        var spansLeft: Int
    }

    private struct Follower: Sendable {
        var told: Revision
        /// Its newest frame, and what it had been told of before: it may be known here sooner than the commit is.
        var latest: (from: Revision, writing: Writing)?
    }

    /// Spans of a thousand streams would say no more than those of a few.
    static var spansPerRevision: Int { 8 }

    private let limit: Int
    private var entries: Deque<Entry> = []
    private var followers: [Int: Follower] = [:]
    private var nextFollower = 0
    private var newest = Revision.none

    init(limit: Int) {
        precondition(limit > 0, "a ledger without room follows nothing")
        self.limit = limit
    }

    var followerCount: Int { followers.count }
    var underWay: Int { entries.count }

    /// A commit whose effect must be shown. A revision that is known already is nothing new; a lower one is of another
    /// past, and nothing of the former counts.
    mutating func committed(_ revision: Revision, arrivedAt: Timestamp, context: Context?) -> [Effect] {
        guard revision != newest else { return [] }
        if revision < newest { forgetThePast() }
        newest = revision
        var entry = Entry(
            revision: revision, arrivedAt: arrivedAt, context: context, spansLeft: Self.spansPerRevision)
        var effects: [Effect] = []
        for follower in followers.values {
            guard follower.told >= revision else {
                entry.remaining += 1
                continue
            }
            if let latest = follower.latest, latest.from < revision, latest.writing.at >= arrivedAt {
                effects += Self.note(latest.writing, in: &entry)
            }
        }
        guard entry.remaining > 0 else { return effects + Self.close(entry) }
        entries.append(entry)
        guard entries.count > limit else { return effects }
        entries.removeFirst()
        return effects + [.givenUp]
    }

    /// A stream opens. Its first frame has what was committed before, so no revision waits for it.
    mutating func join() -> Int {
        nextFollower += 1
        followers[nextFollower] = Follower(told: newest)
        return nextFollower
    }

    /// A stream has told its screen everything up to `revision`: by a frame, or since nothing in its scope changed.
    mutating func told(_ key: Int, upTo revision: Revision, by writing: Writing?) -> [Effect] {
        guard var follower = followers[key], revision > follower.told else { return [] }
        let from = follower.told
        follower.told = revision
        follower.latest = writing.map { (from, $0) }
        followers[key] = follower
        return settle(after: from, upTo: revision, by: writing)
    }

    /// A stream closes: no revision waits for it any longer.
    mutating func leave(_ key: Int) -> [Effect] {
        guard let follower = followers.removeValue(forKey: key), let last = entries.last else { return [] }
        return settle(after: follower.told, upTo: last.revision, by: nil)
    }

    private mutating func settle(after from: Revision, upTo revision: Revision, by writing: Writing?) -> [Effect] {
        var effects: [Effect] = []
        var traced: [(revision: Revision, context: Context)] = []
        var isDone = false
        for index in firstIndex(after: from)..<entries.count {
            guard entries[index].revision <= revision else { break }
            entries[index].remaining -= 1
            isDone = isDone || entries[index].remaining == 0
            guard let writing else { continue }
            entries[index].lastWritten = writing.at
            effects.append(.written(after: writing.at - entries[index].arrivedAt))
            guard writing.traced != nil, let context = entries[index].context else { continue }
            guard entries[index].spansLeft > 0 || entries[index].remaining == 0 else { continue }
            entries[index].spansLeft -= 1
            traced.append((entries[index].revision, context))
        }
        if let writing, !traced.isEmpty {
            effects.append(.frame(writing, showing: traced.map(\.revision), contexts: traced.map(\.context)))
        }
        guard isDone else { return effects }
        for entry in entries where entry.remaining == 0 { effects += Self.close(entry) }
        entries.removeAll { $0.remaining == 0 }
        return effects
    }

    /// The index of the first entry above `revision`: entries rise in revision.
    private func firstIndex(after revision: Revision) -> Int {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].revision <= revision { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// A frame that was written before its commit was noted here.
    private static func note(_ writing: Writing, in entry: inout Entry) -> [Effect] {
        entry.lastWritten = max(entry.lastWritten ?? writing.at, writing.at)
        let written = Effect.written(after: writing.at - entry.arrivedAt)
        guard writing.traced != nil, let context = entry.context, entry.spansLeft > 0 else { return [written] }
        entry.spansLeft -= 1
        return [written, .frame(writing, showing: [entry.revision], contexts: [context])]
    }

    /// Nothing is recorded if no stream had anything to write.
    private static func close(_ entry: Entry) -> [Effect] {
        entry.lastWritten.map { [.shown(after: $0 - entry.arrivedAt)] } ?? []
    }

    private mutating func forgetThePast() {
        entries = []
        for key in followers.keys { followers[key] = Follower(told: .none) }
    }
}
