// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain

/// Rules 11 to 17.
extension Judge {
    /// `state` tells of the link alone. `true` is a sign of life, but only an event opens a new boot (rule 13), so a unit
    /// that connects and says nothing leaves the order of its events as it was.
    static func apply(
        _ state: UnitState, _ context: Context, to world: inout World
    ) throws(RefusalReason) -> Acceptance {
        let (unit, faculty) = try context.owner(in: world)
        let isOfOlderBoot = state.boot.map { world.isOlder($0, of: unit) } ?? false
        switch (state.isOnline, context.isRetained) {
        // The will of a boot that was never heard, too, is the unit's latest: nothing newer contradicts it.
        case (false, _): if !isOfOlderBoot { world.loseUnit(unit, at: context.now) }
        case (true, false): if !isOfOlderBoot { world.hear(unit, of: faculty, at: context.now) }
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
            world.hear(unit, of: faculty, at: context.now)
            return context.acceptance(isDuplicate: true)
        }
        let effect = try Self.effect(of: event, by: faculty, in: world)
        let gapsBefore = boot.seen.gapCount
        guard boot.seen.insert(event.number.seq) else { throw .tooManyGaps }

        let isNew = world.boots[key] == nil
        if isNew {
            world.units[unit]?.currentBoot = key.boot
            // What the former boot said last is a last word now.
            world.unverifyPresence(of: faculty, by: unit)
        }
        world.units[unit]?.gaps += boot.seen.gapCount - gapsBefore
        world.hear(unit, of: faculty, at: context.now)

        var acceptance = context.acceptance()
        let isCurrent = world.units[unit]?.currentBoot == key.boot
        let isLatest = isCurrent && event.number.seq > boot.lastPresence ?? 0
        switch effect {
        case .presence(let present):
            guard isLatest else { break }
            boot.lastPresence = event.number.seq
            world.sense(present: present, of: faculty, by: unit, source: .beacon, at: context.now)
            acceptance.present = present
        case .answer(let consultation, let status, let minutes):
            acceptance.newStatus = status
            acceptance.isDuplicate = status == nil
            if let status { world.answer(consultation, with: status, minutes: minutes, at: context.now) }
            guard isLatest else { break }
            boot.lastPresence = event.number.seq
            world.sense(present: true, of: faculty, by: unit, source: .button, at: context.now)
        case .shown(let consultation):
            world.show(consultation, on: isCurrent ? unit : nil, at: context.now)
        case .none:
            break
        }
        // Nothing is missing between the boot's last word and now, so that word still holds.
        if isCurrent, let last = boot.lastPresence, boot.seen.covers(last...boot.seen.last),
            world.lastWord(of: faculty, by: unit) != nil
        {
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
    /// Whether another boot of this unit has followed this one.
    fileprivate func isOlder(_ boot: BootID, of unit: UnitID) -> Bool {
        boots[BootKey(unit: unit, boot: boot)] != nil && units[unit]?.currentBoot != boot
    }

    /// A consultation is on a unit's screen; one that is closed stays as it is. `unit` is nil where the boot that showed it is
    /// over, and its screen with it.
    fileprivate mutating func show(_ id: ConsultationID, on unit: UnitID?, at now: Timestamp) {
        guard let status = consultations[id]?.status, !status.isClosed else { return }
        if consultations[id]?.shownAt == nil { consultations[id]?.shownAt = now }
        if let unit { consultations[id]?.onScreenOf = unit }
    }
}
