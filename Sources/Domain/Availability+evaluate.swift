// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

extension Availability {
    /// The availability at a moment, and when it must be computed again.
    package struct Evaluation: Hashable, Sendable {
        package let availability: Availability
        /// The next moment at which time alone may change the availability; nil if it can't.
        package let nextChangeAt: Timestamp?
    }

    /// Computes what screens show. Pure and total. The clauses stand in order of precedence: a consultation in
    /// progress, an unexpired override, an unknown presence, a busy window, presence.
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
            // The age of an unverified presence is the age of its evidence: hearing the unit doesn't renew it.
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

    /// Returns the last evidence of presence. A unit reports a presence once, and afterwards only that it is alive;
    /// each sign of life renews a verified presence. No evidence is later than the moment at which the unit was last
    /// heard.
    private static func lastEvidence(_ inputs: AvailabilityInputs) -> Timestamp? {
        guard let presence = inputs.presence, presence.state == .present else { return nil }
        guard let link = inputs.link else { return presence.evidenceAt }
        guard let heardAt = link.heardAt else { return nil }
        return presence.isVerified ? heardAt : min(presence.evidenceAt, heardAt)
    }

    /// Returns the earliest of these moments: the override's end, the time at which the unit counts as silent, an edge
    /// of a busy window.
    private static func nextChange(_ inputs: AvailabilityInputs, after now: Timestamp) -> Timestamp? {
        var moments: [Timestamp] = []
        if let until = inputs.override?.until { moments.append(until) }
        if let link = inputs.link, link.offlineSince == nil, let silentAt = link.silentAt { moments.append(silentAt) }
        for window in inputs.busyWindows { moments += [window.start, window.end] }
        return moments.filter { $0 > now }.min()
    }
}
