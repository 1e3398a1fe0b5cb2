// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Service

/// Service's errors are cases with data. The shell puts them into words here, and names the command that helps.
extension PeopleError {
    var wordsForShell: String {
        switch self {
        case .unknownFaculty(let id): "no person has the id \(id): `consultease faculty list` shows all of them"
        case .archivedFaculty(let id):
            "\(id) is archived: `consultease faculty list --archived` shows all archived people; add the person anew if they are back"
        case .noOverride(let id): "\(id) has no override: there is nothing to take back"
        case .endHasPassed(let moment): "until: \(moment.iso8601) has passed: give a moment in the future"
        }
    }
}

extension UnitError {
    var wordsForShell: String {
        switch self {
        case .unknown(let id): "there is no unit \(id): `consultease unit add \(id)` adds it"
        case .known(let id): "the unit \(id) is there already: `consultease unit assign \(id)` puts it on another desk"
        case .reserved(let id): "\(id) is the server's own name at the broker: choose another"
        case .noNameOfItsOwn(let id):
            "\(id) is no id of a unit of dialect 1: such a unit is called d1- and its person's id, as d1-7"
        case .nameOfDialect1(let id): "\(id) is the id of a unit of dialect 1: choose another, or leave --dialect out"
        case .standsWith(let id, let faculty):
            "\(id) speaks dialect 1 and names \(faculty.map(\.description) ?? "its person") in its topics: it can't stand on another desk"
        case .deskTaken(let faculty, let unit):
            "\(unit) stands on the desk of \(faculty) already, and a person has one unit: `consultease unit assign \(unit) --nobody` takes it away"
        case .speaksDialect2(let id): "\(id) speaks dialect 2: only an old unit speaks on professor/status"
        }
    }
}
