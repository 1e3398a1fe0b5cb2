// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Wire

/// Applies rules 1 to 9.
extension Judge {
    static func apply(
        _ report: StatusReport, _ context: Context, to world: inout World
    ) throws(RefusalReason) -> Acceptance {
        let (faculty, facts, unit) = try context.person(in: world)
        if let beacon = report.beacon, !facts.beacons.contains(beacon) { throw .unknownBeacon }
        if context.isRetained {
            switch report.word {
            case .present(let present): world.recall(present: present, of: faculty, by: unit, at: context.now)
            // The retained copy may be arbitrarily old, so it only makes the unit's report doubtful; the next heartbeat
            // confirms it.
            case .online(false): world.unverifyPresence(of: faculty, by: unit)
            case .online(true): break
            }
            return context.acceptance()
        }
        switch report.word {
        case .online(true):
            world.knowOldUnit(unit, of: faculty)
            world.noteRestart(of: unit, by: report.timestamp, of: faculty, context)
            // A unit sends this once, on connecting, perhaps after a restart: it doesn't prolong a standing presence.
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
                // The earliest time of sending is stored, so that a restart since then doesn't make a message a late
                // replay.
                world.units[unit]?.uptime.lastStatus = UptimeStamp(uptime: uptime, arrivedAt: context.earliest)
            }
            return context.acceptance(present: present)
        }
    }

    /// Applies a heartbeat. It reports no presence, but it confirms a last word that it doesn't contradict, unless the
    /// unit has restarted since that word.
    static func apply(
        _ heartbeat: Heartbeat, _ context: Context, to world: inout World
    ) throws(RefusalReason) -> Acceptance {
        let (faculty, _, unit) = try context.person(in: world)
        guard !context.isRetained else { throw .retained }
        world.knowOldUnit(unit, of: faculty)
        world.hear(unit, of: faculty, context)
        world.noteRestart(of: unit, by: heartbeat.uptime, of: faculty, context)
        let startedAt = heartbeat.uptime.map { context.now - Span(milliseconds: $0) }
        // A heartbeat that waited tells neither when the unit started nor its rhythm.
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

    /// Applies a press (rule 8). A press with all the same fields is a duplicate, whatever has happened to the
    /// consultation since, and is no new evidence of presence. A press that is late by rule 5 is no evidence either.
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
    /// Makes a dialect 1 unit known by its first accepted live message. Until its rhythm is known, it gets the longest
    /// tolerance, 15 minutes; with a shorter one rule 7 could call a slow unit silent.
    fileprivate mutating func knowOldUnit(_ unit: UnitID, of faculty: FacultyID) {
        var facts = units[unit] ?? UnitFacts(dialect: .one, faculty: faculty)
        facts.link.tolerance = facts.rhythm.tolerance ?? HeartbeatRhythm.toleranceRange.upperBound
        units[unit] = facts
    }
}

extension HeartbeatRhythm {
    /// Bounds the tolerance of three heartbeats: 90 s to 15 min (rule 7).
    static let toleranceRange: ClosedRange<Span> = .seconds(90)...(.minutes(15))

    /// The intervals that can be a rhythm: shorter ones come from a broker emptying its queue, longer ones from a
    /// silence.
    private static let plausible: ClosedRange<Span> = .seconds(5)...(.minutes(5) + .seconds(30))

    /// The time of three heartbeats, within its bounds; nil until two were heard.
    var tolerance: Span? {
        interval.map { min(max($0 * 3, Self.toleranceRange.lowerBound), Self.toleranceRange.upperBound) }
    }

    /// Notes a heartbeat. A new interval moves the learned one by a quarter of the difference, so that neither a lost
    /// heartbeat nor an early one decides alone.
    mutating func note(heardAt now: Timestamp) {
        if let lastHeartbeatAt, Self.plausible.contains(now - lastHeartbeatAt) {
            let latest = now - lastHeartbeatAt
            // The stored interval is clamped, because any outside writer may have changed it.
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
