// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Rules
import Wire

/// A verdict as text: a first line with the result, then the ids that the message names.
struct VerdictInWords {
    let text: String

    init(_ verdict: Verdict, side: MessageSide, isRetained: Bool) {
        var lines: [String]
        switch verdict {
        case .accepted(let acceptance):
            lines = ["Accepted: " + Self.effect(of: acceptance, side: side, isRetained: isRetained)]
            lines += Self.names(
                faculty: acceptance.faculty, unit: acceptance.unit, consultation: acceptance.consultation)
        case .refused(let refusal):
            lines = ["Refused (\(refusal.reason.rawValue)): \(refusal.reason.explanation)"]
            lines += Self.names(faculty: refusal.faculty, unit: refusal.unit, consultation: refusal.consultation)
        }
        if let reply = verdict.reply { lines.append("  The unit is told: " + Self.words(of: reply)) }
        lines.append("  Judged in the small fixed world of `consultease wire`, not in your database.")
        text = lines.joined(separator: "\n")
    }

    private static func effect(of acceptance: Acceptance, side: MessageSide, isRetained: Bool) -> String {
        if side == .server { return "the topic's reader takes it." }
        if let present = acceptance.present { return "the faculty member is \(present ? "present" : "absent")." }
        if let status = acceptance.newStatus { return "the consultation is \(status.rawValue) now." }
        if acceptance.isDuplicate { return "it only repeats what was applied before." }
        if isRetained { return "a retained copy is a last word, shown as unknown until a live message confirms it." }
        return "it is a sign of life, and reports no presence."
    }

    private static func names(faculty: FacultyID?, unit: UnitID?, consultation: ConsultationID?) -> [String] {
        [
            faculty.map { "  Faculty member: \($0)" }, unit.map { "  Desk unit: \($0)" },
            consultation.map { "  Consultation: \($0)" },
        ].compactMap { $0 }
    }

    private static func words(of reply: UnitReply) -> String {
        let event = "event \(reply.seq) of boot \(reply.boot)"
        return switch reply.result {
        case .stored: "\(event) is stored."
        case .duplicate: "\(event) was stored before."
        case .refused(let reason): "\(event) is refused (\(reason.rawValue))."
        }
    }
}
