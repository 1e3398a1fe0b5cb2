// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// The state that one place shows at one moment: the database, the API, or a screen.
package struct EndState: Sendable, Equatable {
    package var faculty: [Int64: FacultyFacts]
    /// The status by id; nil if this place doesn't show it.
    package var consultations: [Int64: String]?

    package init(faculty: [Int64: FacultyFacts] = [:], consultations: [Int64: String]? = nil) {
        self.faculty = faculty
        self.consultations = consultations
    }

    package struct FacultyFacts: Sendable, Equatable {
        package var availability: String
        /// The presence row's state and whether it is verified; nil if this place doesn't show them.
        package var presence: PresenceFacts?
        /// `status` of `FacultyData`; nil if this place doesn't show it.
        package var isAvailable: Bool?

        package init(availability: String, presence: PresenceFacts? = nil, isAvailable: Bool? = nil) {
            self.availability = availability
            self.presence = presence
            self.isAvailable = isAvailable
        }
    }

    package struct PresenceFacts: Sendable, Equatable {
        package var state: String
        package var isVerified: Bool

        package init(state: String, isVerified: Bool) {
            self.state = state
            self.isVerified = isVerified
        }
    }
}

/// One difference between a place and the oracle's expectation.
package struct Difference: Sendable, Equatable, CustomStringConvertible {
    /// The place: `database`, `api` or `screen 3`.
    package var place: String
    /// The subject: `faculty 7`, `consultation 12`, or the place itself.
    package var subject: String
    package var expected: String
    package var found: String

    package init(place: String, subject: String, expected: String, found: String) {
        self.place = place
        self.subject = subject
        self.expected = expected
        self.found = found
    }

    package var description: String { "\(place): \(subject): expected \(expected), found \(found)" }
}

extension Oracle {
    /// Returns every difference between the expected state and a place's, in the roster's order.
    package func differences(in state: EndState, at place: String, of roster: LoadRoster) -> [Difference] {
        var found: [Difference] = []
        for unit in roster.units {
            let subject = "faculty \(unit.faculty)"
            func note(_ expected: String, _ actual: String) {
                found.append(Difference(place: place, subject: subject, expected: expected, found: actual))
            }
            let expectation = expectation(for: unit.faculty)
            guard let facts = state.faculty[unit.faculty] else {
                note(expectation.availability, "nothing")
                continue
            }
            if facts.availability != expectation.availability { note(expectation.availability, facts.availability) }
            if let isAvailable = facts.isAvailable, isAvailable != (expectation.availability == "available") {
                note("status \(!isAvailable)", "status \(isAvailable)")
            }
            if let presence = facts.presence, let expected = expectation.presence {
                if presence.state != expected { note("presence \(expected)", "presence \(presence.state)") }
                if !presence.isVerified { note("a verified presence", "an unverified one") }
            }
        }
        guard let consultations = state.consultations else { return found }
        for consultation in roster.consultations {
            let (expected, actual) = (status(ofConsultation: consultation.id), consultations[consultation.id])
            guard actual != expected else { continue }
            found.append(
                Difference(
                    place: place, subject: "consultation \(consultation.id)", expected: expected,
                    found: actual ?? "nothing"))
        }
        return found
    }
}
