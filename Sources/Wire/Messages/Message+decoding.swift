// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain

extension Message {
    /// Decodes a unit's delivery.
    package init(decoding delivery: Delivery) {
        let topic = Topic(delivery.topic)
        var names = Names(faculty: topic?.faculty)
        let content: Content
        do throws(RefusalReason) {
            guard delivery.isReadable else { throw .unreadablePacket }
            guard let topic else { throw .unknownTopic }
            content = try Self.content(of: delivery.payload, on: topic, names: &names)
        } catch {
            content = .refused(error)
        }
        self.init(
            topic: topic, isRetained: delivery.isRetained, arrivedAt: delivery.arrivedAt, age: delivery.age,
            content: content, names: names)
    }

    /// Decodes the content. Fills `names` as far as the body can be read, even if the message is refused in the end.
    private static func content(of payload: [UInt8], on topic: Topic, names: inout Names) throws(RefusalReason)
        -> Content
    {
        switch topic {
        case .unreadableID: throw .badIDInTopic
        case .mirror: throw .mirrorTopic
        case .messages, .requests, .cancellations, .statusUpdate, .command: throw .serverTopic
        case .systemNotifications:
            names.faculty = (try? object(payload, deciding: ["faculty_id"]))?.namedFaculty
            throw .serverTopic
        case .status(let faculty):
            switch try PayloadBody.read(payload, words: StatusReport.bareWords, nested: .passedOver) {
            case .word(let word): return .status(StatusReport(bareWord: word))
            case .object(let object):
                try object.check(deciding: StatusReport.decidingKeys, of: faculty)
                return .status(try StatusReport(status: object))
            }
        case .professorStatus:
            switch try PayloadBody.read(payload, words: StatusReport.bareWords, nested: .passedOver) {
            case .word(let word): return .status(StatusReport(bareWord: word))
            case .object(let object):
                try object.check(deciding: StatusReport.decidingKeysOfProfessor)
                names.faculty = object.namedFaculty
                if object.value("faculty_id") != nil, names.faculty == nil { throw .badFacultyID }
                return .status(try StatusReport(professor: object))
            }
        case .macStatus(let faculty):
            let object = try object(payload, deciding: StatusReport.decidingKeysOfMAC)
            try object.check(of: faculty)
            return .status(try StatusReport(macStatus: object))
        case .heartbeat(let faculty):
            let object = try object(payload, deciding: Heartbeat.decidingKeys)
            try object.check(of: faculty)
            return .heartbeat(Heartbeat(object))
        case .diagnostics(let faculty):
            try object(payload, deciding: Heartbeat.decidingKeys).check(of: faculty)
            return .diagnostics
        case .responses(let faculty):
            let object = try object(payload, deciding: DeskResponse.decidingKeys)
            names.consultation = DeskResponse.Reference(object)
            try object.check(of: faculty)
            return .response(try DeskResponse(object, unit: UnitID(dialect1: faculty)))
        case .state:
            return .state(try UnitState(object(payload, deciding: UnitState.decidingKeys)))
        case .event:
            return .event(try event(payload, names: &names))
        }
    }

    /// Decodes an event (rule 11). One with repeated deciding keys is refused; if its `boot` and `seq` are certain, the
    /// refusal is acknowledged, because otherwise the unit would resend the event for ever.
    private static func event(_ payload: [UInt8], names: inout Names) throws(RefusalReason) -> UnitEvent {
        let object = try object(payload, deciding: [])
        names.event = try? EventNumber(object)
        try object.check(deciding: UnitEvent.decidingKeys)
        names.consultation = (try? object.consultation()).map { .consultation($0) }
        let event = try UnitEvent(object)
        if case .failure(.repeatedKey) = event.content { names.consultation = nil }
        return event
    }

    private static func object(_ payload: [UInt8], deciding keys: [String]) throws(RefusalReason) -> JSONObject {
        guard case .object(let object) = try PayloadBody.read(payload, nested: .passedOver) else { throw .notAnObject }
        try object.check(deciding: keys)
        return object
    }
}

extension JSONObject {
    /// The valid id in `faculty_id`.
    var namedFaculty: FacultyID? { value("faculty_id")?.id.flatMap { FacultyID($0) } }

    /// Throws if a deciding key is repeated (rule 4).
    fileprivate func check(deciding keys: [String]) throws(RefusalReason) {
        if repeats(anyOf: keys) { throw .repeatedKey }
    }

    /// Throws if `faculty_id` is no id or differs from the topic's; it may be missing (rule 1).
    fileprivate func check(of faculty: FacultyID) throws(RefusalReason) {
        guard value("faculty_id") != nil else { return }
        guard let named = namedFaculty else { throw .badFacultyID }
        guard named == faculty else { throw .otherFacultyID }
    }

    fileprivate func check(deciding keys: [String], of faculty: FacultyID) throws(RefusalReason) {
        try check(deciding: keys)
        try check(of: faculty)
    }
}
