// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
package import Wire

/// Decides what a message comes to by the rules of `wire/protocol.md`, and applies it.
///
/// Pure: everything that it knows is in the message and in the `World`. An accepted message has its whole effect in the
/// world afterwards; a refused one leaves it as it was.
package enum Judge {
    /// Judges a unit's message. Messages must come in the order of their arrival.
    package static func judge(_ message: Message, in world: inout World) -> Verdict {
        let context = Context(message, in: world)
        do throws(RefusalReason) {
            return .accepted(try apply(message, context, to: &world))
        } catch {
            return .refused(context.refusal(error))
        }
    }

    /// Throws before it changes anything, or not at all.
    private static func apply(
        _ message: Message, _ context: Context, to world: inout World
    ) throws(RefusalReason) -> Acceptance {
        switch message.content {
        case .refused(let reason):
            // Who the unit is goes before what it said: rule 11's order.
            if message.topic?.isOfDialect2 == true { _ = try context.owner(in: world) }
            throw reason
        case .status(let report): return try apply(report, context, to: &world)
        case .heartbeat(let heartbeat): return try apply(heartbeat, context, to: &world)
        case .diagnostics: return try applyDiagnostics(context, to: &world)
        case .response(let response): return try apply(response, context, to: &world)
        case .state(let state): return try apply(state, context, to: &world)
        case .event(let event): return try apply(event, context, to: &world)
        }
    }

    /// Who speaks, of what and when: found once, for whatever the verdict is.
    struct Context {
        let faculty: FacultyID?
        let unit: UnitID?
        let consultation: ConsultationID?
        let event: EventNumber?
        let isUnitKnown: Bool
        let isRetained: Bool
        let age: Delivery.Age
        let now: Timestamp
        /// The earliest moment at which it can have been said: what a unit says comes in its order, so after what was
        /// heard before. `now` if nothing is known of it.
        let earliest: Timestamp
    }
}

extension Judge.Context {
    init(_ message: Message, in world: World) {
        let isOfDialect2 = message.topic?.isOfDialect2 ?? false
        let known = isOfDialect2 ? message.unit.flatMap { world.units[$0] } : nil
        let isAnonymous = message.topic == .professorStatus && message.names.faculty == nil
        let sender: FacultyID? =
            if isAnonymous, case .status = message.content { world.professorStatusSender } else { nil }
        faculty = isOfDialect2 ? known?.faculty : message.names.faculty ?? sender
        unit = message.unit ?? sender.map(UnitID.init(dialect1:))
        consultation = Self.consultation(message, of: unit, in: world)
        event = message.names.event
        isUnitKnown = known != nil
        isRetained = message.isRetained
        age = message.age
        now = message.arrivedAt
        let heardAt = unit.flatMap { world.units[$0]?.link.heardAt }.map { min($0, message.arrivedAt) }
        earliest =
            switch message.age {
            case .fresh: message.arrivedAt
            case .upTo(let span): max(message.arrivedAt - span, heardAt ?? message.arrivedAt - span)
            case .unknown: heardAt ?? message.arrivedAt
            }
    }

    /// What the message names, or what `uptime_random` is resolved to: the one request that is on the unit's screen and
    /// unanswered. A press that was applied already named whatever was alone there then, not what is alone there now;
    /// and a retained copy names nothing that is there today.
    private static func consultation(_ message: Message, of unit: UnitID?, in world: World) -> ConsultationID? {
        switch message.names.consultation {
        case nil: return nil
        case .consultation(let id): return id
        case .whateverIsOnScreen:
            guard !message.isRetained else { return nil }
            if case .response(let response) = message.content, world.appliedAnswers.contains(response.applied) {
                return nil
            }
            let waiting = world.consultations.filter { $0.value.onScreenOf == unit && $0.value.status == .pending }
            return waiting.count == 1 ? waiting.first?.key : nil
        }
    }

    func acceptance(
        present: Bool? = nil, newStatus: ConsultationStatus? = nil, isDuplicate: Bool = false
    ) -> Acceptance {
        var acceptance = Acceptance(
            faculty: faculty, unit: unit, present: present, consultation: consultation, newStatus: newStatus,
            isDuplicate: isDuplicate)
        acceptance.reply = reply(isDuplicate ? .duplicate : .stored)
        return acceptance
    }

    func refusal(_ reason: RefusalReason) -> Refusal {
        Refusal(
            reason: reason, faculty: faculty, unit: unit, consultation: consultation, reply: reply(.refused(reason)))
    }

    /// Live events whose number can be read are answered, if the unit is one of ours: else anybody could have us
    /// publish to a unit of any name.
    private func reply(_ result: UnitReply.Result) -> UnitReply? {
        guard let event, let unit, isUnitKnown, !isRetained else { return nil }
        return UnitReply(unit: unit, boot: event.boot, seq: event.seq, result: result)
    }

    /// The faculty member of dialect 1 (rule 1), with their unit.
    func person(in world: World) throws(RefusalReason) -> (FacultyID, FacultyFacts, UnitID) {
        guard let faculty, let unit else { throw .namesNobody }
        guard let facts = world.faculty[faculty] else { throw .unknownFaculty }
        return (faculty, facts, unit)
    }

    /// The unit of dialect 2 and whom it is assigned to (rule 11).
    func owner(in world: World) throws(RefusalReason) -> (UnitID, FacultyID) {
        guard let unit, isUnitKnown else { throw .unknownUnit }
        guard let faculty else { throw .unassignedUnit }
        guard world.faculty[faculty] != nil else { throw .unknownFaculty }
        return (unit, faculty)
    }
}

extension Topic {
    var isOfDialect2: Bool {
        switch self {
        case .state, .event, .command: true
        default: false
        }
    }
}
