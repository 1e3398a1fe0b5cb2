// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// The stage of a consultation's life.
package enum ConsultationStatus: String, Sendable, CaseIterable {
    case pending
    case accepted
    /// The person can't talk now. The student keeps waiting, or leaves; the request is pending again when the person is
    /// next available.
    case busy
    case declined
    case inProgress = "in-progress"
    case completed
    case cancelled
    case expired
    case noShow = "no-show"

    /// Whether no further action is possible.
    package var isClosed: Bool {
        switch self {
        case .pending, .accepted, .busy, .inProgress: false
        case .declined, .completed, .cancelled, .expired, .noShow: true
        }
    }

    /// Those in which a student waits: queries are made from this list.
    package static let waiting = allCases.filter(\.isWaiting)

    /// Whether it leaves the desk unit's screen with this status.
    package var leavesScreen: Bool { isClosed }

    /// Whether the student waits in this person's line: what a card counts as waiting.
    package var isWaiting: Bool {
        switch self {
        case .pending, .busy: true
        case .accepted, .declined, .inProgress, .completed, .cancelled, .expired, .noShow: false
        }
    }
}

/// What can happen to a consultation.
package enum ConsultationAction: String, Sendable, CaseIterable {
    case accept
    case busy
    case decline
    case start
    case complete
    case cancel
    case expire
    case noShow = "no-show"
    /// The person is available again, so a request that was answered *busy* asks once more.
    case askAgain = "ask-again"
}

/// The result of an action.
package enum ConsultationOutcome: Hashable, Sendable {
    case moves(to: ConsultationStatus)
    /// The action leads to the current status: a duplicate, without effect.
    case already
    /// The current status doesn't allow the action: the first answer stands.
    case notAllowed
}

extension ConsultationStatus {
    /// Looks up the transition table. Pure and total.
    package func applying(_ action: ConsultationAction) -> ConsultationOutcome {
        if action.target == self { return .already }
        return action.sources.contains(self) ? .moves(to: action.target) : .notAllowed
    }
}

extension ConsultationAction {
    /// The status that the action leads to.
    package var target: ConsultationStatus {
        switch self {
        case .accept: .accepted
        case .busy: .busy
        case .decline: .declined
        case .start: .inProgress
        case .complete: .completed
        case .cancel: .cancelled
        case .expire: .expired
        case .noShow: .noShow
        case .askAgain: .pending
        }
    }

    /// The statuses in which the action is allowed.
    package var sources: Set<ConsultationStatus> {
        switch self {
        case .accept, .busy, .decline: [.pending]
        case .start: [.accepted]
        case .complete: [.accepted, .inProgress]
        case .cancel: [.pending, .busy, .accepted]
        case .expire: [.pending, .busy]
        case .noShow: [.accepted]
        case .askAgain: [.busy]
        }
    }
}
