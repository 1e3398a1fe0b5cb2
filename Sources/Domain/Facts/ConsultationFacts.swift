// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// What the judge must know of a consultation.
package struct ConsultationFacts: Hashable, Sendable {
    package var faculty: FacultyID
    package var status: ConsultationStatus
    /// Promised with the answer *later*.
    package var minutes: Int64?
    package var answeredAt: Timestamp?
    /// The unit on whose screen it is, unanswered or not; nil if it is on none.
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
