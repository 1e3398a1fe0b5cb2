// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// One thing that a simulated unit's owner or surroundings did, as the fleet knows it without reading a message.
package struct Utterance: Sendable, Equatable {
    package var faculty: Int64
    /// Its place in the unit's own history.
    package var place: Place
    package var word: Word

    package init(faculty: Int64, place: Place, word: Word) {
        self.faculty = faculty
        self.place = place
        self.word = word
    }

    /// Where in a unit's history something happened: which start of the unit, and which step of that start.
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
        /// An answer by a key: evidence of presence too.
        case answer(consultation: Int64, OracleAnswer)
        /// The unit is off, and said so or had it said by its will.
        case gone
    }
}

/// What an answer makes of a pending consultation.
package enum OracleAnswer: String, Sendable, CaseIterable {
    case accepted
    case busy
    case declined
}
