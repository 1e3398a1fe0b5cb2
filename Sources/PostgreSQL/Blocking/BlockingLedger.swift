// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Decides which sessions to report or end, from how long each has blocked the server's writes. A pure state machine;
/// its caller notes what it finds at regular intervals.
struct BlockingLedger {
    typealias Instant = ContinuousClock.Instant

    /// Bounds; each comment says what happens when one is reached.
    struct Limits: Sendable {
        /// A session that blocks for this long is named in readiness and in the log.
        var reportAfter = Duration.seconds(5)
        /// How often the log names a session again, and how often ending it is retried.
        var reminder = Duration.seconds(60)
        /// How long a session stays known after it was last found: waits for rows have pauses.
        var memory = Duration.seconds(4)
        /// A session that blocks for this long is ended; nil means never.
        var end: Duration?
    }

    enum Action: Hashable, Sendable {
        case say(BlockingSession, for: Duration)
        case end(BlockingSession, for: Duration)
        /// A session that was named no longer blocks.
        case sayGone(BlockingSession)
    }

    private let limits: Limits
    private var known: [Int64: Entry] = [:]

    private struct Entry {
        var session: BlockingSession
        let first: Instant
        var last: Instant
        var said: Instant?
        var tried: Instant?
    }

    init(limits: Limits) {
        self.limits = limits
    }

    /// Notes the sessions that were found, and returns what to do now.
    mutating func note(_ sessions: [BlockingSession], at now: Instant) -> [Action] {
        for session in sessions {
            known[session.pid, default: Entry(session: session, first: now, last: now)].session = session
            known[session.pid]?.last = now
        }
        var actions: [Action] = []
        for (pid, entry) in known.sorted(by: { $0.key < $1.key }) {
            if entry.last.duration(to: now) > limits.memory {
                known[pid] = nil
                if entry.said != nil { actions.append(.sayGone(entry.session)) }
            } else {
                actions += due(pid, entry, now)
            }
        }
        return actions
    }

    private mutating func due(_ pid: Int64, _ entry: Entry, _ now: Instant) -> [Action] {
        let blocked = entry.first.duration(to: now)
        var actions: [Action] = []
        if blocked >= limits.reportAfter, isDue(entry.said, now) {
            known[pid]?.said = now
            actions.append(.say(entry.session, for: blocked))
        }
        // Only a session that blocks at this moment is ended.
        if let end = limits.end, blocked >= end, entry.last == now, isDue(entry.tried, now) {
            known[pid]?.tried = now
            actions.append(.end(entry.session, for: blocked))
        }
        return actions
    }

    private func isDue(_ last: Instant?, _ now: Instant) -> Bool {
        last.map { $0.duration(to: now) >= limits.reminder } ?? true
    }

    /// Returns the sessions that have blocked for at least `reportAfter`, with their durations.
    func named(at now: Instant) -> [(session: BlockingSession, for: Duration)] {
        known.values.filter { $0.first.duration(to: now) >= limits.reportAfter }
            .sorted { $0.first < $1.first }.map { ($0.session, $0.first.duration(to: now)) }
    }
}
