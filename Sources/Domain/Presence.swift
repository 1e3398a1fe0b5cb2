// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// What was sensed of one faculty member, and how it is known.
package struct Presence: Hashable, Sendable {
    /// The sensed word; *unknown* if there never was one.
    package var state: PresenceState
    /// When `state` began, as far as the evidence tells: if it waited at the broker, at the latest.
    package var since: Timestamp
    /// What the evidence was.
    package var source: EvidenceSource
    /// The unit that gave the evidence; its silence makes the presence unknown. Nil if no unit's life vouches for it:
    /// the unit stands on another desk now, or the broker keeps another word of it.
    package var unit: UnitID?
    /// The latest evidence that agreed with `state`: if it waited at the broker, as early as it can have been.
    package var evidenceAt: Timestamp
    /// False for a last word: one that was retained by the broker, or given before its unit fell silent. It is shown as
    /// unknown until a live message confirms it (`wire/protocol.md` rule 6).
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

/// The three things that can be said of a person's presence. Unknown is not absent.
package enum PresenceState: String, Sendable, CaseIterable {
    case present
    case absent
    case unknown

    package init(isPresent: Bool) {
        self = isPresent ? .present : .absent
    }
}

/// The source of a status, as a screen names it.
package enum EvidenceSource: String, Sendable, CaseIterable {
    /// A desk unit sensed the beacon, or its absence.
    case beacon
    /// A button of the desk unit was pressed.
    case button
    /// The person's own word: an override.
    case ownWord = "own-word"
    /// A calendar's busy window.
    case calendar
    /// A consultation is in progress.
    case consultation
    /// The desk unit's link: it is silent, offline, or not there.
    case unit
}
