// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// The sensed presence of one faculty member, and the evidence for it.
package struct Presence: Hashable, Sendable {
    /// The sensed state; *unknown* if nothing was ever sensed.
    package var state: PresenceState
    /// When `state` began. If the evidence waited at the broker, this is its arrival: the latest possible moment.
    package var since: Timestamp
    /// The kind of evidence.
    package var source: EvidenceSource
    /// The unit that gave the evidence; if it falls silent, the presence becomes unknown. Nil if no unit's signs of
    /// life confirm the presence: the unit stands on another desk now, or the broker retains a different report of it.
    package var unit: UnitID?
    /// When evidence last agreed with `state`: if it waited at the broker, the earliest moment at which it can have
    /// been sent.
    package var evidenceAt: Timestamp
    /// False for an unconfirmed last report: one that the broker retained, or that came before its unit fell silent.
    /// Screens show it as unknown until a live message confirms it (`wire/protocol.md` rule 6).
    package var isVerified: Bool

    package init(
        state: PresenceState, since: Timestamp, source: EvidenceSource, unit: UnitID?, evidenceAt: Timestamp,
        isVerified: Bool
    ) {
        self.state = state
        self.since = since
        self.source = source
        self.unit = unit
        self.evidenceAt = evidenceAt
        self.isVerified = isVerified
    }
}

/// The three values of a person's presence. Unknown is not absent.
package enum PresenceState: String, Sendable, CaseIterable {
    case present
    case absent
    case unknown

    package init(isPresent: Bool) {
        self = isPresent ? .present : .absent
    }
}

/// The kind of evidence behind a status, as screens name it.
package enum EvidenceSource: String, Sendable, CaseIterable {
    /// A desk unit sensed the beacon, or its absence.
    case beacon
    /// A button of the desk unit was pressed.
    case button
    /// The person set an override.
    case ownWord = "own-word"
    /// A calendar's busy window.
    case calendar
    /// A consultation is in progress.
    case consultation
    /// The desk unit is silent, offline or missing.
    case unit
}
