// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
package import Wire

extension Message {
    /// The rows that the judge needs for this message.
    package var keys: WorldKeys {
        var keys = WorldKeys()
        guard let topic else { return keys }
        switch topic {
        case .command(let unit):
            keys.units = [unit]
        case .state(let unit):
            keys.units = [unit]
            if case .state(let state) = content, let boot = state.boot {
                keys.boots = [BootKey(unit: unit, boot: boot)]
            }
        case .event(let unit):
            keys.units = [unit]
            if let event = names.event { keys.boots = [BootKey(unit: unit, boot: event.boot)] }
        case .professorStatus:
            if names.faculty == nil, case .status = content { keys.needsProfessorStatusSender = true }
            keys.addFaculty(names.faculty)
        case .status, .macStatus, .heartbeat, .responses, .diagnostics:
            keys.addFaculty(names.faculty)
        case .mirror, .messages, .requests, .cancellations, .statusUpdate, .systemNotifications, .unreadableID:
            break
        }
        switch names.consultation {
        case .consultation(let id): keys.consultations = [id]
        case .whateverIsOnScreen: keys.screens = Set(unit.map { [$0] } ?? [])
        case nil: break
        }
        if case .response(let response) = content { keys.answers = [response.applied] }
        return keys
    }
}

extension ServerMessage {
    /// The rows that the judge needs for this message.
    package var keys: WorldKeys {
        var keys = WorldKeys()
        if let faculty = names.faculty { keys.faculty = [faculty] }
        if let consultation = names.consultation { keys.consultations = [consultation] }
        if let unit = topic?.unit { keys.units = [unit] }
        return keys
    }
}

extension WorldKeys {
    fileprivate mutating func addFaculty(_ id: FacultyID?) {
        guard let id else { return }
        faculty = [id]
        units = [UnitID(dialect1: id)]
    }
}
