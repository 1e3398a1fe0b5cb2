// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
package import Wire

/// What a message comes to: accepted, or refused with its reason. Either way it is acknowledged to the broker, after
/// the transaction that holds its effect or its refusal.
package enum Verdict: Hashable, Sendable {
    case accepted(Acceptance)
    case refused(Refusal)

    /// What must be said back to the unit, after the commit (dialect 2 alone).
    package var reply: UnitReply? {
        switch self {
        case .accepted(let acceptance): acceptance.reply
        case .refused(let refusal): refusal.reply
        }
    }
}

/// An accepted message: its effect is in the `World`.
package struct Acceptance: Hashable, Sendable {
    /// The person that the topic names, or the body if the topic names none.
    package var faculty: FacultyID?
    /// The unit whose message it was.
    package var unit: UnitID?
    /// The presence that the payload reports and that was applied.
    package var present: Bool?
    package var consultation: ConsultationID?
    /// Where the consultation was moved; nil if it wasn't.
    package var newStatus: ConsultationStatus?
    /// Whether it only repeats what was applied before: an event or a press seen before, or an answer that leads to
    /// if the consultation already is. A new event that repeats an answer is still stored: its number is new.
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

/// A refused message: it changed nothing in the `World`, and its sequence number is not remembered as seen.
package struct Refusal: Hashable, Sendable {
    package var reason: RefusalReason
    package var faculty: FacultyID?
    /// The unit by which refusals are aggregated; nil if the topic names none that could be one.
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
