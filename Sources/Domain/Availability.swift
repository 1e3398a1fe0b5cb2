// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// The six states that a screen can show for a faculty member.
package enum AvailabilityState: String, Sendable, CaseIterable {
    case available
    case busy
    case inConsultation = "in-consultation"
    case away
    case out
    case unknown

    /// Whether the person can be found here now, as the filter *Here* needs it.
    package var isHere: Bool {
        switch self {
        case .available, .busy, .inConsultation: true
        case .away, .out, .unknown: false
        }
    }
}

/// What is shown for a faculty member, with its reason. The store writes it in the transaction that changes an input.
package struct Availability: Hashable, Sendable {
    package var state: AvailabilityState
    package var source: EvidenceSource
    /// When `state` began; nil if nothing was ever known.
    package var since: Timestamp?
    /// When `state` is expected to end, if that is known.
    package var until: Timestamp?
    /// The last known presence, if `state` is unknown: "was Away at 9:52".
    package var lastKnown: PresenceState?
    /// When presence was last in evidence.
    package var lastEvidence: Timestamp?

    package init(
        state: AvailabilityState, source: EvidenceSource, since: Timestamp?, until: Timestamp? = nil,
        lastKnown: PresenceState? = nil, lastEvidence: Timestamp? = nil
    ) {
        self.state = state
        self.source = source
        self.since = since
        self.until = until
        self.lastKnown = lastKnown
        self.lastEvidence = lastEvidence
    }
}

/// The inputs of `Availability.evaluate`.
package struct AvailabilityInputs: Hashable, Sendable {
    /// When the consultation in progress began; nil if there is none.
    package var inConsultationSince: Timestamp?
    package var override: Override?
    package var presence: Presence?
    /// The link of the unit that gave the presence; nil if no unit did.
    package var link: UnitLink?
    /// The busy windows of a calendar, in any order.
    package var busyWindows: [TimeWindow]

    package init(
        inConsultationSince: Timestamp? = nil, override: Override? = nil, presence: Presence? = nil,
        link: UnitLink? = nil, busyWindows: [TimeWindow] = []
    ) {
        self.inConsultationSince = inConsultationSince
        self.override = override
        self.presence = presence
        self.link = link
        self.busyWindows = busyWindows
    }
}

/// A period from `start` until just before `end`.
package struct TimeWindow: Hashable, Sendable {
    package let start: Timestamp
    package let end: Timestamp

    package init(start: Timestamp, end: Timestamp) {
        self.start = start
        self.end = end
    }

    package func contains(_ moment: Timestamp) -> Bool { start <= moment && moment < end }
}
