// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
package import Wire

/// Judges a message by the rules of `wire/protocol.md`, and applies it.
///
/// Pure: the message and the `World` hold everything that the judge knows. After an accepted message the world holds
/// its whole effect; a refused one changes nothing.
package enum Judge {
    /// Judges a unit's message. The caller passes messages in their order of arrival.
    package static func judge(_ message: Message, in world: inout World) -> Verdict {
        let context = Context(message, in: world)
        do throws(RefusalReason) {
            return .accepted(try apply(message, context, to: &world))
        } catch {
            return .refused(context.refusal(error))
        }
    }

    /// Applies the message, or throws before it changes anything.
    private static func apply(
        _ message: Message, _ context: Context, to world: inout World
    ) throws(RefusalReason) -> Acceptance {
        switch message.content {
        case .refused(let reason):
            // The unit is checked before its content, as rule 11 orders.
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

    /// The sender, the objects and the times of a message: found once, for any verdict.
    struct Context {
        let faculty: FacultyID?
        let unit: UnitID?
        let consultation: ConsultationID?
        let event: EventNumber?
        let isUnitKnown: Bool
        let isRetained: Bool
        let age: Delivery.Age
        let now: Timestamp
        /// The earliest moment at which the message can have been sent: a unit's messages come in order, so after the
        /// last one heard. `now` if nothing is known about it.
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

    /// Returns the consultation that the message names. `uptime_random` stands for the only unanswered request on the
    /// unit's screen. A repeated press names none, because it meant the request of its own time; nor does a retained
    /// copy.
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

    /// Replies to live events with a readable number, if the unit is known: otherwise anyone could make the server
    /// publish to a unit of any name.
    private func reply(_ result: UnitReply.Result) -> UnitReply? {
        guard let event, let unit, isUnitKnown, !isRetained else { return nil }
        return UnitReply(unit: unit, boot: event.boot, seq: event.seq, result: result)
    }

    /// Returns the faculty member of a dialect 1 message (rule 1), and the unit.
    func person(in world: World) throws(RefusalReason) -> (FacultyID, FacultyFacts, UnitID) {
        guard let faculty, let unit else { throw .namesNobody }
        guard let facts = world.faculty[faculty] else { throw .unknownFaculty }
        return (faculty, facts, unit)
    }

    /// Returns the dialect 2 unit and the faculty member that it is assigned to (rule 11).
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
