// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain

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
    /// The faculty member of the one unit that is configured to speak on `professor/status`; nil where none or several are.
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

/// What the judge must know of a desk unit.
package struct UnitFacts: Hashable, Sendable {
    package var dialect: Dialect
    /// Whose desk it stands on; nil where it is assigned to nobody.
    package var faculty: FacultyID?
    package var link: UnitLink
    /// Dialect 1: what orders its messages.
    package var uptime: UptimeOrder
    /// Dialect 1: its rhythm, from which `link.tolerance` is learned.
    package var rhythm: HeartbeatRhythm
    /// Dialect 2: the boot that no other has followed.
    package var currentBoot: BootID?
    /// Dialect 2: sequence numbers that were skipped and have not come since.
    package var gaps: Int64

    package init(
        dialect: Dialect, faculty: FacultyID?, link: UnitLink = UnitLink(), uptime: UptimeOrder = UptimeOrder(),
        rhythm: HeartbeatRhythm = HeartbeatRhythm(), currentBoot: BootID? = nil, gaps: Int64 = 0
    ) {
        self.dialect = dialect
        self.faculty = faculty
        self.link = link
        self.uptime = uptime
        self.rhythm = rhythm
        self.currentBoot = currentBoot
        self.gaps = gaps
    }
}

/// The two languages that share one broker.
package enum Dialect: Int64, Sendable {
    case one = 1
    case two = 2
}

/// What orders the `status` messages of a unit of dialect 1 (rule 5).
package struct UptimeOrder: Hashable, Sendable {
    /// `timestamp` of the last live status applied, in ms of uptime, and when it arrived.
    package var lastStatus: UptimeStamp?
    /// When the unit started, by its last live heartbeat: arrival − `uptime`.
    package var startedAt: Timestamp?

    package init(lastStatus: UptimeStamp? = nil, startedAt: Timestamp? = nil) {
        self.lastStatus = lastStatus
        self.startedAt = startedAt
    }
}

/// An uptime and when it arrived.
package struct UptimeStamp: Hashable, Sendable {
    /// 0…2³²−1 ms.
    package var uptime: Int64
    package var arrivedAt: Timestamp

    package init(uptime: Int64, arrivedAt: Timestamp) {
        self.uptime = uptime
        self.arrivedAt = arrivedAt
    }
}

/// How often a unit of dialect 1 is heard (rule 7).
package struct HeartbeatRhythm: Hashable, Sendable {
    package var lastHeartbeatAt: Timestamp?
    /// The interval between heartbeats as learned; nil until two were heard.
    package var interval: Span?

    package init(lastHeartbeatAt: Timestamp? = nil, interval: Span? = nil) {
        self.lastHeartbeatAt = lastHeartbeatAt
        self.interval = interval
    }
}

/// One start of one unit.
package struct BootKey: Hashable, Sendable {
    package var unit: UnitID
    package var boot: BootID

    package init(unit: UnitID, boot: BootID) {
        self.unit = unit
        self.boot = boot
    }
}

/// What is remembered of one boot of a unit of dialect 2 (rules 12 and 13).
package struct BootFacts: Hashable, Sendable {
    package var seen: SequenceSet
    /// The highest seq of a presence that was applied in this boot. A press is evidence of presence, so it counts as one:
    /// otherwise the order in which a press and a presence arrive would decide.
    package var lastPresence: Int64?

    package init(seen: SequenceSet = SequenceSet(), lastPresence: Int64? = nil) {
        self.seen = seen
        self.lastPresence = lastPresence
    }
}

/// What the judge must know of a consultation.
package struct ConsultationFacts: Hashable, Sendable {
    package var faculty: FacultyID
    package var status: ConsultationStatus
    /// Promised with the answer *later*.
    package var minutes: Int64?
    package var answeredAt: Timestamp?
    /// The unit on whose screen it is, unanswered or not; nil where it is on none.
    package var onScreenOf: UnitID?
    /// When a unit of dialect 2 said that it is on the screen.
    package var shownAt: Timestamp?

    package init(
        faculty: FacultyID, status: ConsultationStatus, minutes: Int64? = nil, answeredAt: Timestamp? = nil,
        onScreenOf: UnitID? = nil, shownAt: Timestamp? = nil
    ) {
        self.faculty = faculty
        self.status = status
        self.minutes = minutes
        self.answeredAt = answeredAt
        self.onScreenOf = onScreenOf
        self.shownAt = shownAt
    }
}

/// An answer of dialect 1 that was applied: the same again is a duplicate, even after a *busy* consultation became
/// pending again.
package struct AppliedAnswer: Hashable, Sendable {
    package var unit: UnitID
    /// `message_id` as sent.
    package var messageID: String
    /// `response_type`, upper case.
    package var responseType: String
    /// `timestamp` as sent; empty where it is missing.
    package var timestamp: String

    package init(unit: UnitID, messageID: String, responseType: String, timestamp: String) {
        self.unit = unit
        self.messageID = messageID
        self.responseType = responseType
        self.timestamp = timestamp
    }
}

/// What must be loaded into a `World` before a batch can be judged.
///
/// With a faculty member goes their presence; with a unit the faculty member that it is assigned to, and their presence.
package struct WorldKeys: Hashable, Sendable {
    package var faculty: Set<FacultyID>
    package var units: Set<UnitID>
    package var boots: Set<BootKey>
    package var consultations: Set<ConsultationID>
    /// Units whose whole screen is needed: every consultation with `onScreenOf` equal to one of these.
    package var screens: Set<UnitID>
    package var answers: Set<AppliedAnswer>
    /// Whether somebody spoke on `professor/status` without a name: then `World.professorStatusSender` is needed, with that
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
