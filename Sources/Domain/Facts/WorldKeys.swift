// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Names the rows that a `World` must hold before a batch can be judged.
///
/// A faculty member's key loads their presence too; a unit's key also loads the faculty member that it is assigned to,
/// and their presence.
package struct WorldKeys: Hashable, Sendable {
    package var faculty: Set<FacultyID>
    package var units: Set<UnitID>
    package var boots: Set<BootKey>
    package var consultations: Set<ConsultationID>
    /// The units whose whole screen is needed: every consultation whose `onScreenOf` is one of these.
    package var screens: Set<UnitID>
    package var answers: Set<AppliedAnswer>
    /// Whether a message on `professor/status` names no person. The world then needs `professorStatusSender`, with that
    /// person's faculty row, presence and unit `d1-{faculty}`.
    package var needsProfessorStatusSender: Bool

    package init(
        faculty: Set<FacultyID> = [], units: Set<UnitID> = [], boots: Set<BootKey> = [],
        consultations: Set<ConsultationID> = [], screens: Set<UnitID> = [], answers: Set<AppliedAnswer> = [],
        needsProfessorStatusSender: Bool = false
    ) {
        self.faculty = faculty
        self.units = units
        self.boots = boots
        self.consultations = consultations
        self.screens = screens
        self.answers = answers
        self.needsProfessorStatusSender = needsProfessorStatusSender
    }

    package mutating func formUnion(_ other: WorldKeys) {
        faculty.formUnion(other.faculty)
        units.formUnion(other.units)
        boots.formUnion(other.boots)
        consultations.formUnion(other.consultations)
        screens.formUnion(other.screens)
        answers.formUnion(other.answers)
        needsProfessorStatusSender = needsProfessorStatusSender || other.needsProfessorStatusSender
    }
}
