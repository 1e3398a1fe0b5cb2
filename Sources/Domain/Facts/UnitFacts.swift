// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// What the judge must know of a desk unit.
package struct UnitFacts: Hashable, Sendable {
    package var dialect: Dialect
    /// The person on whose desk it stands; nil if unassigned.
    package var faculty: FacultyID?
    package var link: UnitLink
    /// Dialect 1: what orders its messages.
    package var uptime: UptimeOrder
    /// Dialect 1: its rhythm, from which `link.tolerance` is learned.
    package var rhythm: HeartbeatRhythm
    /// Dialect 2: the boot that no other has followed.
    package var currentBoot: BootID?
    /// Dialect 2: a boot that a live `state` named after the current one began, and of which no event was heard; nil if
    /// the unit has not started anew as far as is known. Such a boot is remembered with `BootFacts` in which nothing
    /// was seen.
    package var announcedBoot: BootID?
    /// Dialect 2: sequence numbers that were skipped and have not come since.
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

/// The two languages that share one broker.
package enum Dialect: Int64, Sendable {
    case one = 1
    case two = 2
}
