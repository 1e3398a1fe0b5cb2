// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// The facts about a consultation that the judge needs.
package struct ConsultationFacts: Hashable, Sendable {
    package var faculty: FacultyID
    package var status: ConsultationStatus
    /// The minutes that the answer *later* promised.
    package var minutes: Int64?
    package var answeredAt: Timestamp?
    /// The unit whose screen shows it, answered or not; nil if none does.
    package var onScreenOf: UnitID?
    /// When a dialect 2 unit reported that its screen shows it.
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
