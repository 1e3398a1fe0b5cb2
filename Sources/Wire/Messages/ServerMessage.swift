// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain

/// A server's message as a unit would read it: for `consultease wire --as server`, and for corpus lines of origin
/// `central`.
package struct ServerMessage: Hashable, Sendable {
    package let topic: Topic?
    package let names: Names
    /// Why the unit would refuse the message; nil if it accepts it.
    package let refusal: RefusalReason?

    package struct Names: Hashable, Sendable {
        package var faculty: FacultyID?
        package var consultation: ConsultationID?

        package init(faculty: FacultyID? = nil, consultation: ConsultationID? = nil) {
            self.faculty = faculty
            self.consultation = consultation
        }
    }

    package init(decoding delivery: Delivery) {
        topic = Topic(delivery.topic)
        var names = Names(faculty: topic?.faculty)
        do throws(RefusalReason) {
            guard let topic else { throw .unknownTopic }
            try Self.read(delivery, on: topic, names: &names)
            refusal = nil
        } catch {
            refusal = error
        }
        self.names = names
    }

    private static func read(_ delivery: Delivery, on topic: Topic, names: inout Names) throws(RefusalReason) {
        switch topic {
        case .messages:
            // The payload is text that units cut anywhere, so only its head is checked, and rule 4 doesn't apply.
            names.consultation = TextMessage.consultation(in: delivery.payload)
            guard names.consultation != nil else { throw .noConsultation }
        case .requests:
            let object = try object(delivery.payload, deciding: ["id"])
            names.consultation = object.value("id")?.id.flatMap { ConsultationID($0) }
            guard names.consultation != nil else { throw .noConsultation }
        case .cancellations:
            let object = try object(delivery.payload, deciding: ["type", "consultation_id"])
            names.consultation = object.value("consultation_id")?.id.flatMap { ConsultationID($0) }
            guard object.string("type")?.isWord("consultation_cancelled") == true else { throw .badType }
            guard names.consultation != nil else { throw .noConsultation }
        case .statusUpdate, .systemNotifications:
            let object = try object(delivery.payload, deciding: ["type", "faculty_id"])
            if topic == .systemNotifications { names.faculty = object.namedFaculty }
            guard object.string("type")?.isWord("faculty_status") == true else { throw .badType }
            guard object.namedFaculty != nil else { throw .badFacultyID }
        case .command(let unit):
            let object = try object(delivery.payload, deciding: ["type", "consultation"])
            names.consultation = try? object.consultation()
            guard UnitCommand(object, unit: unit) != nil else { throw .badType }
        case .unreadableID:
            throw .badIDInTopic
        case .status, .macStatus, .heartbeat, .responses, .diagnostics, .professorStatus, .mirror, .state, .event:
            let message = Message(decoding: delivery)
            names.faculty = message.names.faculty
            if case .consultation(let id) = message.names.consultation { names.consultation = id }
            throw .unitTopic
        }
    }

    private static func object(_ payload: [UInt8], deciding keys: [String]) throws(RefusalReason) -> JSONObject {
        guard case .object(let object) = try PayloadBody.read(payload) else { throw .notAnObject }
        if object.repeats(anyOf: keys) { throw .repeatedKey }
        return object
    }
}
