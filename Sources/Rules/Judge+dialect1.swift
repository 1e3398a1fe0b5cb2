// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Wire

/// Rules 1 to 9.
extension Judge {
    static func apply(
        _ report: StatusReport, _ context: Context, to world: inout World
    ) throws(RefusalReason) -> Acceptance {
        let (faculty, facts, unit) = try context.person(in: world)
        if let beacon = report.beacon, !facts.beacons.contains(beacon) { throw .unknownBeacon }
        if context.isRetained {
            switch report.word {
            case .present(let present): world.recall(present: present, of: faculty, by: unit, at: context.now)
            // It may be as old as any: doubtful is what the unit said, and its next heartbeat confirms that.
            case .online(false): world.unverifyPresence(of: faculty, by: unit)
            case .online(true): break
            }
            return context.acceptance()
        }
        switch report.word {
        case .online(true):
            world.knowOldUnit(unit, of: faculty)
            world.noteRestart(of: unit, by: report.timestamp, of: faculty, context)
            // It is said once, on connecting, perhaps after a start: a word that stands lasts no longer for it.
            if !world.stands(wordOf: unit, faculty, at: context.now) { world.hear(unit, of: faculty, context) }
            return context.acceptance()
        case .online(false):
            world.knowOldUnit(unit, of: faculty)
            world.loseUnit(unit, context)
            return context.acceptance()
        case .present(let present):
            if let uptime = report.timestamp {
                guard world.units[unit]?.uptime.isLate(uptime, at: context.now) != true else { throw .lateReplay }
            }
            world.knowOldUnit(unit, of: faculty)
            world.hear(unit, of: faculty, context)
            world.sense(present: present, of: faculty, by: unit, source: .beacon, context)
            if let uptime = report.timestamp {
                // As early as it can have been said: a start since then is no late replay.
                world.units[unit]?.uptime.lastStatus = UptimeStamp(uptime: uptime, arrivedAt: context.earliest)
            }
            return context.acceptance(present: present)
        }
    }

    /// A heartbeat reports no presence, but it confirms a last word that it doesn't contradict, unless the unit has
    /// started anew since that word: then the word was another life's.
    static func apply(
        _ heartbeat: Heartbeat, _ context: Context, to world: inout World
    ) throws(RefusalReason) -> Acceptance {
        let (faculty, _, unit) = try context.person(in: world)
        guard !context.isRetained else { throw .retained }
        world.knowOldUnit(unit, of: faculty)
        world.hear(unit, of: faculty, context)
        world.noteRestart(of: unit, by: heartbeat.uptime, of: faculty, context)
        let startedAt = heartbeat.uptime.map { context.now - Span(milliseconds: $0) }
        // One that waited tells neither when the unit started nor its rhythm.
        if context.age == .fresh {
            if let startedAt { world.units[unit]?.uptime.startedAt = startedAt }
            if !heartbeat.isClockReport { world.units[unit]?.learnRhythm(heardAt: context.now) }
        }
        if let word = world.lastWord(of: faculty, confirmedBy: heartbeat, of: unit) {
            let hasRestarted = startedAt.map { $0 > word.at + UptimeOrder.slack } ?? false
            if !hasRestarted {
                world.presences[faculty]?.unit = unit
                world.verifyPresence(of: faculty)
            }
        }
        return context.acceptance()
    }

    static func applyDiagnostics(_ context: Context, to world: inout World) throws(RefusalReason) -> Acceptance {
        let (faculty, _, unit) = try context.person(in: world)
        guard !context.isRetained else { throw .retained }
        world.knowOldUnit(unit, of: faculty)
        world.hear(unit, of: faculty, context)
        return context.acceptance()
    }

    /// A press (rule 8). The same press again, by everything that it says, is a duplicate whatever has become of the
    /// consultation since, and no new evidence of presence; neither is one that is late by rule 5.
    static func apply(
        _ response: DeskResponse, _ context: Context, to world: inout World
    ) throws(RefusalReason) -> Acceptance {
        let (faculty, _, unit) = try context.person(in: world)
        guard !context.isRetained else { throw .retained }
        if world.appliedAnswers.contains(response.applied) {
            world.knowOldUnit(unit, of: faculty)
            world.hear(unit, of: faculty, context)
            return context.acceptance(isDuplicate: true)
        }
        guard let consultation = context.consultation else { throw .unplacedAnswer }
        let status = try world.outcome(of: response.action, on: consultation, by: faculty)
        let isLate = response.timestamp.flatMap { world.units[unit]?.uptime.isLate($0, at: context.now) } ?? false
        world.knowOldUnit(unit, of: faculty)
        world.hear(unit, of: faculty, context)
        world.appliedAnswers.insert(response.applied)
        if let status { world.answer(consultation, with: status, minutes: nil, at: context.now) }
        if !isLate { world.sense(present: true, of: faculty, by: unit, source: .button, context) }
        return context.acceptance(newStatus: status, isDuplicate: status == nil)
    }
}

extension World {
    /// A unit of dialect 1 becomes known by its first accepted live message. As long as its rhythm isn't, three
    /// heartbeats are taken for those of the slowest, 15 minutes: nothing less would let it be called silent by rule 7.
    fileprivate mutating func knowOldUnit(_ unit: UnitID, of faculty: FacultyID) {
        var facts = units[unit] ?? UnitFacts(dialect: .one, faculty: faculty)
        facts.link.tolerance = facts.rhythm.tolerance ?? HeartbeatRhythm.toleranceRange.upperBound
        units[unit] = facts
    }
}

extension HeartbeatRhythm {
    /// Three heartbeats are never called less than 90 s or more than 15 min (rule 7).
    static let toleranceRange: ClosedRange<Span> = .seconds(90)...(.minutes(15))

    /// Intervals that can be a rhythm: shorter ones are a broker's queue that is emptied, longer ones a silence.
    private static let plausible: ClosedRange<Span> = .seconds(5)...(.minutes(5) + .seconds(30))

    /// Three heartbeats; nil until two were heard.
    var tolerance: Span? {
        interval.map { min(max($0 * 3, Self.toleranceRange.lowerBound), Self.toleranceRange.upperBound) }
    }

    /// Notes a heartbeat. One that comes early or late moves the rhythm by a quarter, so that neither a lost heartbeat
    /// nor a hurried one decides alone.
    mutating func note(heardAt now: Timestamp) {
        if let lastHeartbeatAt, Self.plausible.contains(now - lastHeartbeatAt) {
            let latest = now - lastHeartbeatAt
            // What was stored may have been written by anybody.
            let learned = interval.map { min(max($0, Self.plausible.lowerBound), Self.plausible.upperBound) } ?? latest
            interval = Span(milliseconds: (learned.milliseconds * 3 + latest.milliseconds) / 4)
        }
        lastHeartbeatAt = now
    }
}

extension UnitFacts {
    fileprivate mutating func learnRhythm(heardAt now: Timestamp) {
        rhythm.note(heardAt: now)
        if let tolerance = rhythm.tolerance { link.tolerance = tolerance }
    }
}
