// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// The panel's contents after a press, or after a request was withdrawn.
extension UnitMachine2 {
    func result(_ stage: Desk.Stage, at now: Uptime) -> Panel {
        var panel = headed(at: now)
        panel.lines = lines(of: stage)
        switch stage {
        case .line: break
        case .sending(_, let since):
            if !desk.requests.isEmpty, now.elapsed(since: since) >= Desk.lateTouch { panel.left = next }
        case .withdrawn(_, let since):
            if now.elapsed(since: since) >= Desk.lateTouch { panel.left = next }
        case .stored, .notStored, .full:
            (panel.left, panel.right) = (next, Panel.KeyLabel(ascii("Close")))
        }
        return panel
    }

    /// The label of the key that leads to the next student.
    private var next: Panel.KeyLabel {
        Panel.KeyLabel(
            desk.requests.isEmpty ? ascii("Next") : ascii("Next: ") + Decimal.digits(UInt64(desk.requests.count)),
            hint: desk.requests.first?.student ?? [])
    }

    private func lines(of stage: Desk.Stage) -> [Panel.Line] {
        switch stage {
        case .line: return []
        case .sending(let pressed, _):
            return [
                Panel.Line(.second, pressed.student), Panel.Line(.name, pressed.answer.text),
                Panel.Line(.body, ascii("Sending …")),
                Panel.Line(.second, ascii("Kept on this unit until it is stored")),
            ]
        case .stored(let pressed, let at):
            var text = pressed.answer.text
            if case .later(let minutes) = pressed.answer, let clock {
                text += ascii(", ") + clock.text(at: at, plus: minutes)
            }
            return [
                Panel.Line(.second, ascii("Stored for ") + pressed.student), Panel.Line(.name, text),
                Panel.Line(.tick, []),
            ]
        case .notStored(let pressed, let reason, _):
            return [
                Panel.Line(.second, pressed.student), Panel.Line(.name, ascii("Not stored")),
                Panel.Line(.body, reason),
            ]
        case .withdrawn(let student, _):
            return [Panel.Line(.name, student + ascii(" withdrew."))]
        case .full:
            return [
                Panel.Line(.name, ascii("Not kept")),
                Panel.Line(.body, ascii("Too many answers wait here. Press again when there is contact.")),
            ]
        }
    }
}

extension Answer {
    fileprivate var text: [UInt8] {
        switch self {
        case .accept: ascii("Come now")
        case .later(let minutes):
            minutes == 60 ? ascii("In 1 h") : ascii("In ") + Decimal.digits(UInt64(minutes)) + ascii(" min")
        case .busy: ascii("Busy")
        case .decline: ascii("Declined")
        }
    }
}
