// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain

/// A delivery, decoded: what can be said of it without knowing any state.
///
/// Total: a message that the bytes alone refuse is a value too, with its reason inside.
package struct Message: Hashable, Sendable {
    /// Nil if the topic is in no table.
    package let topic: Topic?
    package let isRetained: Bool
    package var arrivedAt: Timestamp
    package let age: Delivery.Age
    package let content: Content
    /// What the message names, refused or not.
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

    /// Whom and what a message names, as far as its topic and body can be read.
    package struct Names: Hashable, Sendable {
        /// Named by the topic, or by the body if the topic names no person.
        package var faculty: FacultyID?
        /// By `message_id` of a response or `consultation` of an event.
        package var consultation: DeskResponse.Reference?
        /// The event that can be acknowledged.
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
    /// The unit whose message it is; nil if neither topic nor body names one. A unit of dialect 1 is `d1-{faculty}`.
    package var unit: UnitID? {
        topic?.unit ?? (topic == .professorStatus ? names.faculty.map(UnitID.init(dialect1:)) : nil)
    }

    /// Whether it is a live word of a dialect 1 unit on presence: in a full queue a newer one of the same unit may take
    /// the place of an older one that needs no acknowledgement. Answers never give way.
    package var isStatusReport: Bool {
        guard !isRetained, case .status(let report) = content, case .present = report.word else { return false }
        return true
    }
}
