// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Wire

extension World {
    /// Returns the last word that a heartbeat confirms. If the broker retains a report that differs from the stored
    /// one, the heartbeat must itself say the same.
    func lastWord(
        of faculty: FacultyID, confirmedBy heartbeat: Heartbeat, of unit: UnitID
    ) -> (present: Bool, at: Timestamp)? {
        if let word = lastWord(of: faculty, by: unit) { return heartbeat.presence.allows(word.present) ? word : nil }
        guard let word = lastWord(of: faculty, by: nil), heartbeat.presence == .present(word.present) else {
            return nil
        }
        return word
    }

    /// Whether the unit's report about its person is shown: it is verified, and the unit is live.
    func stands(wordOf unit: UnitID, _ faculty: FacultyID, at now: Timestamp) -> Bool {
        guard let presence = presences[faculty], presence.unit == unit, presence.isVerified else { return false }
        return units[unit]?.link.isLive(at: now) ?? false
    }

    /// Turns the standing presence into a last word if a message's uptime shows that the unit has restarted since. For
    /// a message that waited, the start is computed from the earliest moment at which it can have been sent.
    mutating func noteRestart(
        of unit: UnitID, by uptime: Int64?, of faculty: FacultyID, _ context: Judge.Context
    ) {
        guard let uptime, context.age != .unknown, let presence = presences[faculty], presence.unit == unit else {
            return
        }
        let startedAt = context.earliest - Span(milliseconds: uptime)
        guard startedAt > max(presence.since, presence.evidenceAt) + UptimeOrder.slack else { return }
        if units[unit]?.uptime.goesOn(from: startedAt) == true { return }
        // The end lies before the start by more than the start may be off; otherwise the next heartbeat would assign
        // the presence to the new boot.
        unverifyPresence(of: faculty, by: unit, endedBy: startedAt - UptimeOrder.slack * 2)
    }
}

extension UptimeOrder {
    /// Whether a start that a message implies is the known one, also if the uptime has wrapped at 2³² ms.
    fileprivate func goesOn(from start: Timestamp) -> Bool {
        guard let startedAt else { return false }
        let difference = start - startedAt
        return difference.magnitude <= Self.slack || (difference - Self.wholeUptime).magnitude <= Self.slack
    }

    private static let wholeUptime = Span(milliseconds: 1 << 32)

    /// The delay that rule 5 allows.
    static let slack = Span.seconds(5)

    /// Whether a live message with this uptime is a late replay (rule 5): its uptime is lower than the last applied
    /// one, and neither a restart since then nor the start from the last live heartbeat explains it.
    func isLate(_ uptime: Int64, at now: Timestamp) -> Bool {
        guard let last = lastStatus, uptime < last.uptime else { return false }
        if Span(milliseconds: uptime) <= (now - last.arrivedAt) + Self.slack { return false }
        guard let startedAt else { return true }
        return (now - Span(milliseconds: uptime) - startedAt).magnitude > Self.slack
    }
}
