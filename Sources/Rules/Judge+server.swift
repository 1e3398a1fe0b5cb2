// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
package import Wire

extension Judge {
    /// Judges whether the reader of a server's topic would accept the message. It changes nothing; the world tells
    /// which faculty member a unit belongs to.
    package static func judge(_ message: ServerMessage, in world: World) -> Verdict {
        let unit = message.topic?.unit
        let isOfDialect2 = message.topic?.isOfDialect2 ?? false
        let faculty = isOfDialect2 ? unit.flatMap { world.units[$0]?.faculty } : message.names.faculty
        let consultation = message.names.consultation
        return switch message.refusal {
        case nil: .accepted(Acceptance(faculty: faculty, unit: unit, consultation: consultation))
        case .some(let reason):
            .refused(Refusal(reason: reason, faculty: faculty, unit: unit, consultation: consultation))
        }
    }
}
