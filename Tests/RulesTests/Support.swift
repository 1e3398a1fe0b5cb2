// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Foundation
import Rules
import Wire

/// A world in which messages arrive one after the other.
struct Room {
    var world: World
    var now: Timestamp
    /// The age of all messages from here on.
    var age = Delivery.Age.fresh

    static let noon = Timestamp(milliseconds: 1_795_521_600_000)

    init(now: Timestamp = Self.noon) {
        self.now = now
        world = Fixture.world(at: now)
    }

    mutating func wait(_ span: Span) { now = now + span }

    @discardableResult
    mutating func hear(_ topic: String, _ payload: [UInt8], retained: Bool = false) -> Verdict {
        let delivery = Delivery(topic: topic, payload: payload, isRetained: retained, arrivedAt: now, age: age)
        return Judge.judge(Message(decoding: delivery), in: &world)
    }

    @discardableResult
    mutating func hear(_ topic: String, _ payload: String, retained: Bool = false) -> Verdict {
        hear(topic, Array(payload.utf8), retained: retained)
    }

    /// Delivers a live `status` of faculty 1's unit.
    @discardableResult
    mutating func status(_ payload: String, of faculty: Int = 1, retained: Bool = false) -> Verdict {
        hear("consultease/faculty/\(faculty)/status", payload, retained: retained)
    }

    @discardableResult
    mutating func heartbeat(_ payload: String, of faculty: Int = 1) -> Verdict {
        hear("consultease/faculty/\(faculty)/heartbeat", payload)
    }

    @discardableResult
    mutating func respond(_ payload: String, of faculty: Int = 1, retained: Bool = false) -> Verdict {
        hear("consultease/faculty/\(faculty)/responses", payload, retained: retained)
    }

    /// Delivers an event of `desk-1`.
    @discardableResult
    mutating func event(_ payload: String, of unit: String = "desk-1", retained: Bool = false) -> Verdict {
        hear("consultease/v2/unit/\(unit)/event", payload, retained: retained)
    }

    @discardableResult
    mutating func state(_ payload: String, of unit: String = "desk-1", retained: Bool = false) -> Verdict {
        hear("consultease/v2/unit/\(unit)/state", payload, retained: retained)
    }

    func presence(_ faculty: Int64 = 1) -> Presence? { FacultyID(faculty).flatMap { world.presences[$0] } }

    func unit(_ name: String) -> UnitFacts? { UnitID(name).flatMap { world.units[$0] } }

    func consultation(_ id: Int64) -> ConsultationFacts? { ConsultationID(id).flatMap { world.consultations[$0] } }

    /// Returns what a screen would show, judged by presence and link alone.
    func availability(_ faculty: Int64 = 1) -> Availability {
        let presence = presence(faculty)
        let link = presence?.unit.flatMap { world.units[$0]?.link }
        return Availability.evaluate(AvailabilityInputs(presence: presence, link: link), at: now).availability
    }

    func shown(_ faculty: Int64 = 1) -> AvailabilityState { availability(faculty).state }

    mutating func setStatus(of consultation: Int64, _ status: ConsultationStatus) {
        guard let id = ConsultationID(consultation) else { return }
        world.consultations[id]?.status = status
    }

    /// Adds a request that is on the screen of this faculty member's old unit.
    mutating func addRequest(_ consultation: Int64, of faculty: Int64) {
        guard let id = ConsultationID(consultation), let faculty = FacultyID(faculty) else { return }
        world.consultations[id] = ConsultationFacts(
            faculty: faculty, status: .pending, onScreenOf: UnitID(dialect1: faculty))
    }

    mutating func archive(_ faculty: Int64) {
        if let id = FacultyID(faculty) { world.faculty[id] = nil }
    }

    /// Forgets the presences of the fixture, for tests of dialect 1 alone.
    mutating func forgetPresences() { world.presences = [:] }
}

extension Verdict {
    var reason: RefusalReason? {
        if case .refused(let refusal) = self { refusal.reason } else { nil }
    }

    var acceptance: Acceptance? {
        if case .accepted(let acceptance) = self { acceptance } else { nil }
    }

    var outcome: CorpusLine.Outcome { CorpusLine.Outcome(self) }
}

enum Corpus {
    /// The lines of `corpus.jsonl`, a copy of the protocol's own.
    static let lines: [CorpusLine] = {
        guard let url = Bundle.module.url(forResource: "corpus", withExtension: "jsonl", subdirectory: "Corpus"),
            let data = try? Data(contentsOf: url)
        else { return [] }
        return data.split(separator: 0x0A).compactMap { try? CorpusLine(decoding: $0) }
    }()
}
