// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Wire

/// What messages do to presence and to a unit's link, in both dialects.
extension World {
    /// A live message of this unit was accepted: it is there. If it was not live before, the presence that it gave last
    /// is a last word now: shown as unknown until the unit confirms it or reports anew.
    ///
    /// One that waited is a sign of life of the earliest moment at which it can have been said; one of any age is none,
    /// but it comes after a will that waited as long.
    mutating func hear(_ unit: UnitID, of faculty: FacultyID, _ context: Judge.Context) {
        let moment = context.earliest
        if units[unit]?.link.isLive(at: moment) != true { unverifyPresence(of: faculty, by: unit) }
        if context.age != .unknown { units[unit]?.link.heardAt = moment }
        endOffline(unit, of: faculty, context)
    }

    /// The unit is connected, whether it was heard or only said so: what ended an *offline* was said after it. The
    /// presence that the unit gave before it was offline is a last word.
    mutating func endOffline(_ unit: UnitID, of faculty: FacultyID, _ context: Judge.Context) {
        guard let offlineSince = units[unit]?.link.offlineSince else { return }
        guard context.age == .fresh || context.earliest >= offlineSince else { return }
        unverifyPresence(of: faculty, by: unit)
        units[unit]?.link.offlineSince = nil
    }

    /// The unit, or its will, says that it is offline. One that is silent already stays unknown since it was last
    /// heard.
    mutating func loseUnit(_ unit: UnitID, _ context: Judge.Context) {
        guard units[unit]?.link.isLive(at: context.now) == true else { return }
        units[unit]?.link.offlineSince = context.earliest
    }

    /// Live evidence. What is the same as before keeps its `since`; a beacon's word takes the place of a button's,
    /// since it is what will go on telling, but not the other way round, or each press would change what is shown.
    ///
    /// One that waited is applied all the same: whether it still holds, the unit's link tells. It began at its arrival
    /// at the latest, and is evidence of the earliest moment at which it can have been said.
    mutating func sense(
        present: Bool, of faculty: FacultyID, by unit: UnitID, source: EvidenceSource, _ context: Judge.Context
    ) {
        let (state, evidenceAt) = (PresenceState(isPresent: present), context.earliest)
        // After a silence it is unknown whether it stayed so.
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

    /// A retained word fills what isn't known, and never overwrites (rule 6). One that contradicts what is known casts
    /// doubt on it: the broker may have dropped the word in between.
    mutating func recall(present: Bool, of faculty: FacultyID, by unit: UnitID, at now: Timestamp) {
        if let known = presences[faculty], known.state != .unknown {
            if known.state != PresenceState(isPresent: present) { doubt(faculty, by: unit) }
            return
        }
        presences[faculty] = Presence(
            state: PresenceState(isPresent: present), since: now, source: .beacon, unit: unit, evidenceAt: now,
            isVerified: false)
    }

    /// Which of two words of one unit is the later is not known, so that it lives confirms neither: no unit vouches for
    /// the stored one until a message says the same. The word of another unit is confirmed as any last word is.
    private mutating func doubt(_ faculty: FacultyID, by unit: UnitID) {
        if let holder = presences[faculty]?.unit { unverifyPresence(of: faculty, by: holder) }
        presences[faculty]?.isVerified = false
        if presences[faculty]?.unit == unit { presences[faculty]?.unit = nil }
    }

    /// The last word that waits for confirmation by this unit: whether it says present, and when it was given at the
    /// latest.
    func lastWord(of faculty: FacultyID, by unit: UnitID?) -> (present: Bool, at: Timestamp)? {
        guard let presence = presences[faculty], presence.unit == unit, !presence.isVerified,
            presence.state != .unknown
        else { return nil }
        return (presence.state == .present, max(presence.since, presence.evidenceAt))
    }

    mutating func verifyPresence(of faculty: FacultyID) {
        presences[faculty]?.isVerified = true
    }

    /// Makes a last word of what this unit said. Until it was last heard its word stood, and nothing later will move
    /// that moment: a screen says *unknown since* then, however often the unit speaks without confirming.
    ///
    /// - Parameter end: when the word ended at the latest, if that is known.
    mutating func unverifyPresence(of faculty: FacultyID, by unit: UnitID, endedBy end: Timestamp? = nil) {
        guard var presence = presences[faculty], presence.unit == unit, presence.isVerified else { return }
        presence.isVerified = false
        let stoodUntil = [units[unit]?.link.heardAt, end].compactMap { $0 }.min() ?? presence.evidenceAt
        presence.evidenceAt = max(presence.evidenceAt, stoodUntil)
        presences[faculty] = presence
    }

    /// Moves a consultation by a faculty member's answer.
    mutating func answer(_ id: ConsultationID, with status: ConsultationStatus, minutes: Int64?, at now: Timestamp) {
        consultations[id]?.status = status
        consultations[id]?.minutes = minutes
        consultations[id]?.answeredAt = now
        if status.leavesScreen { consultations[id]?.onScreenOf = nil }
    }

    /// What an answer to this consultation comes to (rule 8): the status that it moves to, or nil for a duplicate.
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
