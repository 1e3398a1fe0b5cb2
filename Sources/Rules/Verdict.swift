// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
package import Wire

/// The judge's decision: accepted, or refused with a reason. In both cases the broker gets its acknowledgement after
/// the transaction that stores the effect or the refusal.
package enum Verdict: Hashable, Sendable {
    case accepted(Acceptance)
    case refused(Refusal)

    /// The reply to the unit, sent after the commit (dialect 2 only).
    package var reply: UnitReply? {
        switch self {
        case .accepted(let acceptance): acceptance.reply
        case .refused(let refusal): refusal.reply
        }
    }
}

/// Describes an accepted message; its effect is in the `World`.
package struct Acceptance: Hashable, Sendable {
    /// The person that the topic names, or the body if the topic names none.
    package var faculty: FacultyID?
    /// The unit that sent the message.
    package var unit: UnitID?
    /// The presence that the message reported and the judge applied.
    package var present: Bool?
    package var consultation: ConsultationID?
    /// The consultation's new status; nil if it didn't change.
    package var newStatus: ConsultationStatus?
    /// Whether the message only repeats what was applied before: an event or a press seen before, or an answer that
    /// leads to the consultation's current status. A new event that repeats an answer is still stored, because its
    /// number is new.
    package var isDuplicate: Bool
    package var reply: UnitReply?

    package init(
        faculty: FacultyID? = nil, unit: UnitID? = nil, present: Bool? = nil, consultation: ConsultationID? = nil,
        newStatus: ConsultationStatus? = nil, isDuplicate: Bool = false, reply: UnitReply? = nil
    ) {
        self.faculty = faculty
        self.unit = unit
        self.present = present
        self.consultation = consultation
        self.newStatus = newStatus
        self.isDuplicate = isDuplicate
        self.reply = reply
    }
}

/// Describes a refused message: it changed nothing in the `World`, and its sequence number doesn't count as seen.
package struct Refusal: Hashable, Sendable {
    package var reason: RefusalReason
    package var faculty: FacultyID?
    /// The unit by which refusals are aggregated; nil if the topic names no possible unit.
    package var unit: UnitID?
    package var consultation: ConsultationID?
    package var reply: UnitReply?

    package init(
        reason: RefusalReason, faculty: FacultyID? = nil, unit: UnitID? = nil, consultation: ConsultationID? = nil,
        reply: UnitReply? = nil
    ) {
        self.reason = reason
        self.faculty = faculty
        self.unit = unit
        self.consultation = consultation
        self.reply = reply
    }
}
