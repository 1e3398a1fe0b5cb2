// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Wire

/// Applies rules 11 to 17.
extension Judge {
    /// Applies a `state`, which tells of the link alone and is no event (rule 17): it never renews the 90 s, and it
    /// doesn't change the order of the unit's events (rule 13). If it names a boot other than the current one, the unit
    /// has restarted: the presence becomes a last word at once, and stays one until an event of the named boot arrives.
    static func apply(
        _ state: UnitState, _ context: Context, to world: inout World
    ) throws(RefusalReason) -> Acceptance {
        let (unit, faculty) = try context.owner(in: world)
        let standing = world.standing(of: state.boot, unit)
        // Rule 15: the will of a boot that another has followed says nothing about the newer one.
        if !state.isOnline, standing == .followed { return context.acceptance() }
        // A retained copy may be older than everything heard: it makes the presence doubtful, but announces no boot.
        if standing == .announced, !context.isRetained, let boot = state.boot { world.announce(boot, of: unit) }
        if standing == .announced || standing == .followed && !context.isRetained {
            world.unverifyPresence(of: faculty, by: unit)
        }
        switch (state.isOnline, context.isRetained) {
        // The will of a boot without an event is also the unit's latest message: nothing newer contradicts it.
        case (false, _): world.loseUnit(unit, context)
        case (true, false): world.endOffline(unit, of: faculty, context)
        case (true, true): break
        }
        return context.acceptance()
    }

    static func apply(
        _ event: UnitEvent, _ context: Context, to world: inout World
    ) throws(RefusalReason) -> Acceptance {
        let (unit, faculty) = try context.owner(in: world)
        guard !context.isRetained else { throw .retained }
        let key = BootKey(unit: unit, boot: event.number.boot)
        var boot = world.boots[key] ?? BootFacts()
        if boot.seen.contains(event.number.seq) {
            world.hear(unit, of: faculty, context)
            return context.acceptance(isDuplicate: true)
        }
        let effect = try Self.effect(of: event, by: faculty, in: world)
        let gapsBefore = boot.seen.gapCount
        guard boot.seen.insert(event.number.seq) else { throw .tooManyGaps }

        if world.boots[key]?.seen.isEmpty ?? true { world.begin(key, of: faculty) }
        world.units[unit]?.countGaps(boot.seen.gapCount.saturatingSubtract(gapsBefore))
        world.hear(unit, of: faculty, context)

        var acceptance = context.acceptance()
        let isCurrent = world.units[unit]?.currentBoot == key.boot
        // The unit has restarted since this boot. When the event was sent is unknown, so it proves nothing about the
        // present.
        let isOver = world.units[unit]?.announcedBoot != nil
        switch effect {
        case .answer(let consultation, let status, let minutes):
            acceptance.newStatus = status
            acceptance.isDuplicate = status == nil
            if let status { world.answer(consultation, with: status, minutes: minutes, at: context.now) }
        case .shown(let consultation):
            world.show(consultation, on: isCurrent ? unit : nil, at: context.now)
        case .presence, .none:
            break
        }
        if let (isPresent, source) = effect.evidence, isCurrent, event.number.seq > boot.lastPresence ?? 0 {
            boot.lastPresence = event.number.seq
            if case .presence = effect { acceptance.present = isPresent }
            // A unit keeps a press over a restart, so it may be hours old. A presence belongs to its boot, even if it
            // is the last.
            if !isOver || source == .beacon {
                world.sense(present: isPresent, of: faculty, by: unit, source: source, context)
            }
        }
        // If no event is missing since the boot's last presence, that presence still holds.
        if isOver {
            world.unverifyPresence(of: faculty, by: unit)
        } else if isCurrent, boot.hasAllSinceLastPresence, world.lastWord(of: faculty, by: unit) != nil {
            world.verifyPresence(of: faculty)
        }
        world.boots[key] = boot
        return acceptance
    }

    private enum Effect {
        case presence(Bool)
        case answer(ConsultationID, ConsultationStatus?, minutes: Int64?)
        case shown(ConsultationID)
        case none

        /// The presence that the effect proves; a press proves presence too.
        var evidence: (isPresent: Bool, source: EvidenceSource)? {
            switch self {
            case .presence(let isPresent): (isPresent, .beacon)
            case .answer: (true, .button)
            case .shown, .none: nil
            }
        }
    }

    private static func effect(
        of event: UnitEvent, by faculty: FacultyID, in world: World
    ) throws(RefusalReason) -> Effect {
        switch try event.content.get() {
        case .presence(let present, isGrace: _):
            return .presence(present)
        case .answer(let consultation, let answer):
            let status = try world.outcome(of: answer.action, on: consultation, by: faculty)
            return .answer(consultation, status, minutes: answer.minutes)
        case .shown(let consultation):
            guard let facts = world.consultations[consultation] else { throw .unknownConsultation }
            guard facts.faculty == faculty else { throw .othersConsultation }
            return .shown(consultation)
        case .beat:
            return .none
        }
    }
}

extension World {
    /// Notes that a consultation is on a unit's screen; a closed one doesn't change. `unit` is nil if the boot that
    /// showed it is over, and its screen with it.
    fileprivate mutating func show(_ id: ConsultationID, on unit: UnitID?, at now: Timestamp) {
        guard let status = consultations[id]?.status, !status.isClosed else { return }
        if consultations[id]?.shownAt == nil { consultations[id]?.shownAt = now }
        if let unit { consultations[id]?.onScreenOf = unit }
    }
}

extension UnitFacts {
    /// Adds to the count of gaps, which saturates: one number may skip almost the whole range, and a unit has many
    /// boots.
    fileprivate mutating func countGaps(_ change: Int64) {
        gaps = gaps.saturatingAdd(change)
    }
}

extension BootFacts {
    /// Whether every event since the last presence was seen. False if the two stored values contradict each other.
    fileprivate var hasAllSinceLastPresence: Bool {
        guard let lastPresence, lastPresence <= seen.last else { return false }
        return seen.covers(lastPresence...seen.last)
    }
}
