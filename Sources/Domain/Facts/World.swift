// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// The part of the database that judging a batch of messages needs, as plain values.
///
/// `Judge` reads it and changes it; the caller loads it before (see `WorldKeys`) and writes what differs afterwards, in
/// one transaction. So the same rules run in Ingest, in `consultease wire` and in tests.
package struct World: Hashable, Sendable {
    /// Who exists and isn't archived.
    package var faculty: [FacultyID: FacultyFacts]
    /// Known units of both dialects. A unit of dialect 1 becomes known by its first accepted live message.
    package var units: [UnitID: UnitFacts]
    package var boots: [BootKey: BootFacts]
    package var presences: [FacultyID: Presence]
    package var consultations: [ConsultationID: ConsultationFacts]
    package var appliedAnswers: Set<AppliedAnswer>
    /// The faculty member of the one unit that is configured to speak on `professor/status`; nil if none or several
    /// are.
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

/// What the judge must know of a faculty member.
package struct FacultyFacts: Hashable, Sendable {
    package var beacons: Set<BeaconAddress>

    package init(beacons: Set<BeaconAddress>) {
        self.beacons = beacons
    }
}
