// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain

/// A decoded delivery: everything that can be said about it without knowing any state.
///
/// Decoding never fails: a message that its bytes alone make invalid is a value too, with the reason inside.
package struct Message: Hashable, Sendable {
    /// The topic; nil if no table of the protocol lists it.
    package let topic: Topic?
    package let isRetained: Bool
    package var arrivedAt: Timestamp
    package let age: Delivery.Age
    package let content: Content
    /// The ids that the message names, even if it is refused.
    package let names: Names

    package enum Content: Hashable, Sendable {
        case refused(RefusalReason)
        /// `status`, `professor/status` and `mac_status`.
        case status(StatusReport)
        case heartbeat(Heartbeat)
        case diagnostics
        case response(DeskResponse)
        case state(UnitState)
        case event(UnitEvent)
    }

    /// The ids that a message names, as far as its topic and body can be read.
    package struct Names: Hashable, Sendable {
        /// The topic's faculty member, or the body's if the topic names no person.
        package var faculty: FacultyID?
        /// Named by `message_id` of a response or `consultation` of an event.
        package var consultation: DeskResponse.Reference?
        /// The event that the server can acknowledge.
        package var event: EventNumber?

        package init(
            faculty: FacultyID? = nil, consultation: DeskResponse.Reference? = nil, event: EventNumber? = nil
        ) {
            self.faculty = faculty
            self.consultation = consultation
            self.event = event
        }
    }

    package init(
        topic: Topic?, isRetained: Bool, arrivedAt: Timestamp, age: Delivery.Age, content: Content,
        names: Names
    ) {
        self.topic = topic
        self.isRetained = isRetained
        self.arrivedAt = arrivedAt
        self.age = age
        self.content = content
        self.names = names
    }
}

extension Message {
    /// The unit that sent the message; nil if neither topic nor body names one. A unit of dialect 1 is `d1-{faculty}`.
    package var unit: UnitID? {
        topic?.unit ?? (topic == .professorStatus ? names.faculty.map(UnitID.init(dialect1:)) : nil)
    }

    /// Whether it is a live presence report of a dialect 1 unit. In a full queue, a newer report may displace an older
    /// one of the same unit that needs no acknowledgement. Answers are never displaced.
    package var isStatusReport: Bool {
        guard !isRetained, case .status(let report) = content, case .present = report.word else { return false }
        return true
    }
}
