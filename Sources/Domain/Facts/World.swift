// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// The part of the database that judging a batch of messages needs, as plain values.
///
/// `Judge` reads and changes it. Before that, the caller loads it (see `WorldKeys`); afterwards the caller writes the
/// differences in one transaction. So Ingest, `consultease wire` and the tests run the same rules.
package struct World: Hashable, Sendable {
    /// The faculty members that exist and aren't archived.
    package var faculty: [FacultyID: FacultyFacts]
    /// The known units of both dialects. A dialect 1 unit becomes known by its first accepted live message.
    package var units: [UnitID: UnitFacts]
    package var boots: [BootKey: BootFacts]
    package var presences: [FacultyID: Presence]
    package var consultations: [ConsultationID: ConsultationFacts]
    package var appliedAnswers: Set<AppliedAnswer>
    /// The faculty member of the one unit that is configured for `professor/status`; nil if no unit is, or several are.
    package var professorStatusSender: FacultyID?

    package init(
        faculty: [FacultyID: FacultyFacts] = [:], units: [UnitID: UnitFacts] = [:], boots: [BootKey: BootFacts] = [:],
        presences: [FacultyID: Presence] = [:], consultations: [ConsultationID: ConsultationFacts] = [:],
        appliedAnswers: Set<AppliedAnswer> = [], professorStatusSender: FacultyID? = nil
    ) {
        self.faculty = faculty
        self.units = units
        self.boots = boots
        self.presences = presences
        self.consultations = consultations
        self.appliedAnswers = appliedAnswers
        self.professorStatusSender = professorStatusSender
    }
}

/// The facts about a faculty member that the judge needs.
package struct FacultyFacts: Hashable, Sendable {
    package var beacons: Set<BeaconAddress>

    package init(beacons: Set<BeaconAddress>) {
        self.beacons = beacons
    }
}
