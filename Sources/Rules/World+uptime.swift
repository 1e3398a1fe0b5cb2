// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Wire

extension World {
    /// The last word that a heartbeat stands beside. If the broker keeps another word than the stored one, the
    /// heartbeat must say the same itself.
    func lastWord(
        of faculty: FacultyID, confirmedBy heartbeat: Heartbeat, of unit: UnitID
    ) -> (present: Bool, at: Timestamp)? {
        if let word = lastWord(of: faculty, by: unit) { return heartbeat.presence.allows(word.present) ? word : nil }
        guard let word = lastWord(of: faculty, by: nil), heartbeat.presence == .present(word.present) else {
            return nil
        }
        return word
    }

    /// Whether what a unit said of its person is shown: nothing has cast doubt on it, and the unit is live.
    func stands(wordOf unit: UnitID, _ faculty: FacultyID, at now: Timestamp) -> Bool {
        guard let presence = presences[faculty], presence.unit == unit, presence.isVerified else { return false }
        return units[unit]?.link.isLive(at: now) ?? false
    }

    /// A message tells by its uptime that the unit has started anew since it gave the standing word: that was another
    /// life's, and is a last word now. The start of what waited is reckoned from the earliest moment at which it can
    /// have been said.
    mutating func noteRestart(
        of unit: UnitID, by uptime: Int64?, of faculty: FacultyID, _ context: Judge.Context
    ) {
        guard let uptime, context.age != .unknown, let presence = presences[faculty], presence.unit == unit else {
            return
        }
        let startedAt = context.earliest - Span(milliseconds: uptime)
        guard startedAt > max(presence.since, presence.evidenceAt) + UptimeOrder.slack else { return }
        if units[unit]?.uptime.goesOn(from: startedAt) == true { return }
        // Before the start by more than its reckoning may be off, or the next heartbeat would find the word to be of
        // this life.
        unverifyPresence(of: faculty, by: unit, endedBy: startedAt - UptimeOrder.slack * 2)
    }
}

extension UptimeOrder {
    /// Whether a start that a message tells is the one that was known, or only that one's uptime at its end, 2³² ms.
    fileprivate func goesOn(from start: Timestamp) -> Bool {
        guard let startedAt else { return false }
        let difference = start - startedAt
        return difference.magnitude <= Self.slack || (difference - Self.wholeUptime).magnitude <= Self.slack
    }

    private static let wholeUptime = Span(milliseconds: 1 << 32)

    /// What rule 5 allows for delays.
    static let slack = Span.seconds(5)

    /// Whether a live message of this uptime is a late replay (rule 5): lower than the last one applied, neither
    /// explained by a start since that one arrived nor by the start that the last live heartbeat tells.
    func isLate(_ uptime: Int64, at now: Timestamp) -> Bool {
        guard let last = lastStatus, uptime < last.uptime else { return false }
        if Span(milliseconds: uptime) <= (now - last.arrivedAt) + Self.slack { return false }
        guard let startedAt else { return true }
        return (now - Span(milliseconds: uptime) - startedAt).magnitude > Self.slack
    }
}
