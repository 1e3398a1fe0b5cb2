// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// One thing that a simulated unit's owner or surroundings did, which the fleet knows without reading a message.
package struct Utterance: Sendable, Equatable {
    package var faculty: Int64
    /// The place in the unit's own history.
    package var place: Place
    package var word: Word

    package init(faculty: Int64, place: Place, word: Word) {
        self.faculty = faculty
        self.place = place
        self.word = word
    }

    /// A place in a unit's history: which start of the unit, and which step after that start.
    package struct Place: Sendable, Comparable, Hashable {
        package var life: Int
        package var step: Int

        package init(life: Int, step: Int) {
            self.life = life
            self.step = step
        }

        package static func < (left: Place, right: Place) -> Bool {
            (left.life, left.step) < (right.life, right.step)
        }
    }

    package enum Word: Sendable, Hashable {
        case present
        case absent
        /// The owner answered with a key, which is also evidence of presence.
        case answer(consultation: Int64, OracleAnswer)
        /// The unit is off, and it or its will has said so.
        case gone
    }
}

/// The status that an answer gives to a pending consultation.
package enum OracleAnswer: String, Sendable, CaseIterable {
    case accepted
    case busy
    case declined
}
