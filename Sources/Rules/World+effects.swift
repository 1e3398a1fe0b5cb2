// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Wire

/// The effects of messages on presence and on a unit's link, in both dialects.
extension World {
    /// Notes that a live message of this unit was accepted. If the unit was not live before, its last presence becomes
    /// a last word: shown as unknown until the unit confirms it or reports again.
    ///
    /// A message that waited is a sign of life of the earliest moment at which it can have been sent. One of unknown
    /// age is no sign of life, but it follows a will that waited as long.
    mutating func hear(_ unit: UnitID, of faculty: FacultyID, _ context: Judge.Context) {
        let moment = context.earliest
        if units[unit]?.link.isLive(at: moment) != true { unverifyPresence(of: faculty, by: unit) }
        if context.age != .unknown { units[unit]?.link.heardAt = moment }
        endOffline(unit, of: faculty, context)
    }

    /// Notes that the unit is connected, as a message or a `state` shows: it was sent after the *offline*, so it ends
    /// that. A presence from before the *offline* becomes a last word.
    mutating func endOffline(_ unit: UnitID, of faculty: FacultyID, _ context: Judge.Context) {
        guard let offlineSince = units[unit]?.link.offlineSince else { return }
        guard context.age == .fresh || context.earliest >= offlineSince else { return }
        unverifyPresence(of: faculty, by: unit)
        units[unit]?.link.offlineSince = nil
    }

    /// Notes that the unit, or its will, reports it offline. A unit that is silent already stays unknown since it was
    /// last heard.
    mutating func loseUnit(_ unit: UnitID, _ context: Judge.Context) {
        guard units[unit]?.link.isLive(at: context.now) == true else { return }
        units[unit]?.link.offlineSince = context.earliest
    }

    /// Stores live evidence of presence. The same state keeps its `since`. A beacon's evidence replaces a button's,
    /// because the beacon will go on reporting; a button's doesn't replace a beacon's, or each press would change what
    /// is shown.
    ///
    /// Evidence that waited is applied too: the unit's link tells whether it still holds. It began at its arrival at
    /// the latest, and it is evidence of the earliest moment at which it can have been sent.
    mutating func sense(
        present: Bool, of faculty: FacultyID, by unit: UnitID, source: EvidenceSource, _ context: Judge.Context
    ) {
        let (state, evidenceAt) = (PresenceState(isPresent: present), context.earliest)
        // After a silence it is unknown whether the state continued.
        let goesOn = context.age == .fresh || units[unit]?.link.isLive(at: context.now) == true
        guard var known = presences[faculty], known.state == state, goesOn else {
            presences[faculty] = Presence(
                state: state, since: context.now, source: source, unit: unit, evidenceAt: evidenceAt, isVerified: true)
            return
        }
        known.evidenceAt = max(known.evidenceAt, evidenceAt)
        known.unit = unit
        known.isVerified = true
        if source == .beacon { known.source = .beacon }
        presences[faculty] = known
    }

    /// Stores a retained report if nothing is known, and never overwrites (rule 6). If it contradicts the stored
    /// presence, that becomes doubtful: the broker may have dropped a report in between.
    mutating func recall(present: Bool, of faculty: FacultyID, by unit: UnitID, at now: Timestamp) {
        if let known = presences[faculty], known.state != .unknown {
            if known.state != PresenceState(isPresent: present) { doubt(faculty, by: unit) }
            return
        }
        presences[faculty] = Presence(
            state: PresenceState(isPresent: present), since: now, source: .beacon, unit: unit, evidenceAt: now,
            isVerified: false)
    }

    /// Withdraws the stored presence's confirmation. Which of two reports of one unit is later is unknown, so its signs
    /// of life confirm neither: the presence has no unit until a message repeats it. A presence of another unit is
    /// confirmed like any last word.
    private mutating func doubt(_ faculty: FacultyID, by unit: UnitID) {
        if let holder = presences[faculty]?.unit { unverifyPresence(of: faculty, by: holder) }
        presences[faculty]?.isVerified = false
        if presences[faculty]?.unit == unit { presences[faculty]?.unit = nil }
    }

    /// Returns the last word that waits for this unit's confirmation: whether it says present, and when it was given at
    /// the latest.
    func lastWord(of faculty: FacultyID, by unit: UnitID?) -> (present: Bool, at: Timestamp)? {
        guard let presence = presences[faculty], presence.unit == unit, !presence.isVerified,
            presence.state != .unknown
        else { return nil }
        return (presence.state == .present, max(presence.since, presence.evidenceAt))
    }

    mutating func verifyPresence(of faculty: FacultyID) {
        presences[faculty]?.isVerified = true
    }

    /// Turns the unit's presence into a last word. It held until the unit was last heard, and no later message moves
    /// that moment: a screen says *unknown since* then, however often the unit sends without confirming it.
    ///
    /// - Parameter end: when the presence ended at the latest, if that is known.
    mutating func unverifyPresence(of faculty: FacultyID, by unit: UnitID, endedBy end: Timestamp? = nil) {
        guard var presence = presences[faculty], presence.unit == unit, presence.isVerified else { return }
        presence.isVerified = false
        let stoodUntil = [units[unit]?.link.heardAt, end].compactMap { $0 }.min() ?? presence.evidenceAt
        presence.evidenceAt = max(presence.evidenceAt, stoodUntil)
        presences[faculty] = presence
    }

    /// Applies a faculty member's answer to a consultation.
    mutating func answer(_ id: ConsultationID, with status: ConsultationStatus, minutes: Int64?, at now: Timestamp) {
        consultations[id]?.status = status
        consultations[id]?.minutes = minutes
        consultations[id]?.answeredAt = now
        if status.leavesScreen { consultations[id]?.onScreenOf = nil }
    }

    /// Judges an answer to this consultation (rule 8): returns the new status, or nil for a duplicate.
    func outcome(
        of action: ConsultationAction, on id: ConsultationID, by faculty: FacultyID
    ) throws(RefusalReason) -> ConsultationStatus? {
        guard let consultation = consultations[id] else { throw .unknownConsultation }
        guard consultation.faculty == faculty else { throw .othersConsultation }
        switch consultation.status.applying(action) {
        case .moves(let status): return status
        case .already: return nil
        case .notAllowed: throw .firstAnswerStands
        }
    }
}
