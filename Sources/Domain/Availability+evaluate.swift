// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

extension Availability {
    /// What is shown at a moment, and when that must be looked at again.
    package struct Evaluation: Hashable, Sendable {
        package let availability: Availability
        /// The next moment at which time alone may change the answer; nil if it can't.
        package let nextChangeAt: Timestamp?
    }

    /// The one rule of what a screen says. Pure and total; the order of the clauses is the order of precedence:
    /// a consultation in progress, an unexpired override, what can't be known, a busy window, presence.
    package static func evaluate(_ inputs: AvailabilityInputs, at now: Timestamp) -> Evaluation {
        Evaluation(availability: shown(inputs, at: now), nextChangeAt: nextChange(inputs, after: now))
    }

    private static func shown(_ inputs: AvailabilityInputs, at now: Timestamp) -> Availability {
        let lastEvidence = lastEvidence(inputs)
        if let since = inputs.inConsultationSince {
            return Availability(
                state: .inConsultation, source: .consultation, since: since, lastEvidence: lastEvidence)
        }
        if let override = inputs.override, override.isInForce(at: now) {
            return Availability(
                state: override.word.availability, source: .ownWord, since: override.setAt, until: override.until,
                lastEvidence: lastEvidence)
        }
        guard let presence = inputs.presence, presence.state != .unknown else {
            return Availability(state: .unknown, source: .unit, since: nil)
        }
        guard presence.isVerified, let link = inputs.link, link.isLive(at: now) else {
            // A last word is as old as its evidence, however often its unit is heard without confirming it.
            let link = presence.isVerified ? inputs.link : nil
            let lastHeard = link.flatMap { $0.offlineSince ?? $0.heardAt } ?? presence.evidenceAt
            return Availability(
                state: .unknown, source: .unit, since: max(lastHeard, presence.since), lastKnown: presence.state,
                lastEvidence: lastEvidence)
        }
        switch presence.state {
        case .present:
            if let window = inputs.busyWindows.first(where: { $0.contains(now) }) {
                return Availability(
                    state: .busy, source: .calendar, since: max(window.start, presence.since), until: window.end,
                    lastEvidence: lastEvidence)
            }
            return Availability(
                state: .available, source: presence.source, since: presence.since, lastEvidence: lastEvidence)
        case .absent, .unknown:
            return Availability(
                state: .away, source: presence.source, since: presence.since, lastEvidence: lastEvidence)
        }
    }

    /// A unit reports a presence once, and then only that it is alive: each sign of life renews its standing word, and
    /// no word is evidence of a later moment than the last one at which its unit is known to have lived.
    private static func lastEvidence(_ inputs: AvailabilityInputs) -> Timestamp? {
        guard let presence = inputs.presence, presence.state == .present else { return nil }
        guard let link = inputs.link else { return presence.evidenceAt }
        guard let heardAt = link.heardAt else { return nil }
        return presence.isVerified ? heardAt : min(presence.evidenceAt, heardAt)
    }

    /// The earliest of: the override's end, the moment at which the unit counts as silent, an edge of a busy window.
    private static func nextChange(_ inputs: AvailabilityInputs, after now: Timestamp) -> Timestamp? {
        var moments: [Timestamp] = []
        if let until = inputs.override?.until { moments.append(until) }
        if let link = inputs.link, link.offlineSince == nil, let silentAt = link.silentAt { moments.append(silentAt) }
        for window in inputs.busyWindows { moments += [window.start, window.end] }
        return moments.filter { $0 > now }.min()
    }
}
