// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// The facts about a desk unit that the judge needs.
package struct UnitFacts: Hashable, Sendable {
    package var dialect: Dialect
    /// The person whose desk it stands on; nil if unassigned.
    package var faculty: FacultyID?
    package var link: UnitLink
    /// Dialect 1: the values that order the unit's messages.
    package var uptime: UptimeOrder
    /// Dialect 1: the unit's heartbeat rhythm, from which `link.tolerance` is learned.
    package var rhythm: HeartbeatRhythm
    /// Dialect 2: the boot whose events began last.
    package var currentBoot: BootID?
    /// Dialect 2: a boot that a live `state` named after the current boot began, and from which no event has arrived;
    /// nil if no such restart is known. Its stored `BootFacts` have seen no event.
    package var announcedBoot: BootID?
    /// Dialect 2: the count of sequence numbers that were skipped and are still missing.
    package var gaps: Int64

    package init(
        dialect: Dialect, faculty: FacultyID?, link: UnitLink = UnitLink(), uptime: UptimeOrder = UptimeOrder(),
        rhythm: HeartbeatRhythm = HeartbeatRhythm(), currentBoot: BootID? = nil, announcedBoot: BootID? = nil,
        gaps: Int64 = 0
    ) {
        self.dialect = dialect
        self.faculty = faculty
        self.link = link
        self.uptime = uptime
        self.rhythm = rhythm
        self.currentBoot = currentBoot
        self.announcedBoot = announcedBoot
        self.gaps = gaps
    }
}

/// The two protocols that units speak on one broker.
package enum Dialect: Int64, Sendable {
    case one = 1
    case two = 2
}
