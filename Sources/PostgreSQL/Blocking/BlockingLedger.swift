// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Which sessions have blocked ours for how long, and what is to be done about them: a pure machine, told at intervals
/// what was found.
struct BlockingLedger {
    typealias Instant = ContinuousClock.Instant

    /// Bounds, each of which says what happens when it is met.
    struct Limits: Sendable {
        /// From then on a session is named: in readiness and in the log.
        var reportAfter = Duration.seconds(5)
        /// How often the log names it again, and how often ending it is tried again.
        var reminder = Duration.seconds(60)
        /// How long a session that is not found stays known: rows are waited for with pauses.
        var memory = Duration.seconds(4)
        /// From then on it is ended; nil never.
        var end: Duration?
    }

    enum Action: Hashable, Sendable {
        case say(BlockingSession, for: Duration)
        case end(BlockingSession, for: Duration)
        /// It blocks no longer, after it was named.
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

    /// Notes what was found, and returns what is to be done now.
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
        // Only one that blocks at this moment.
        if let end = limits.end, blocked >= end, entry.last == now, isDue(entry.tried, now) {
            known[pid]?.tried = now
            actions.append(.end(entry.session, for: blocked))
        }
        return actions
    }

    private func isDue(_ last: Instant?, _ now: Instant) -> Bool {
        last.map { $0.duration(to: now) >= limits.reminder } ?? true
    }

    /// Those that have blocked for longer than `reportAfter`, with how long.
    func named(at now: Instant) -> [(session: BlockingSession, for: Duration)] {
        known.values.filter { $0.first.duration(to: now) >= limits.reportAfter }
            .sorted { $0.first < $1.first }.map { ($0.session, $0.first.duration(to: now)) }
    }
}
