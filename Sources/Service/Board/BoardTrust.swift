// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain

/// Whether a board may be called live. A pure value: it is told what was found, and when.
///
/// A database that answers while it is being written to, or that has more to tell than the board has read yet, is no reason for
/// doubt at once: only one that doesn't answer is, or one that the board can't follow.
struct BoardTrust: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// Why a board is not called live.
    enum Doubt: Sendable, Hashable {
        /// The database doesn't answer a small question.
        case unanswered
        /// It answers, but the board can't read from it what has changed, or must not believe it.
        case failing
        /// The board reads what has changed, and has not come to its end for a long time.
        case behind
        /// What a stored moment should have changed is not committed: something keeps all of us from writing.
        case overdue

        var description: String {
            switch self {
            case .unanswered: "the database has not answered for \(BoardTrust.patience)"
            case .failing: "the board can't follow the database"
            case .behind: "the board has lagged behind the database for \(BoardTrust.lagLimit)"
            case .overdue: "what time has brought can't be committed"
            }
        }
    }

    /// How long a database that doesn't answer, or can't be followed, is excused.
    static let patience = Duration.seconds(3)
    /// How long one refresh after the other may take without the board having everything.
    static let lagLimit = Duration.seconds(60)
    /// By how much what time brings may be late, and for how long it has to be so.
    static let overdueBy = Span.seconds(60)
    private static let overduePatience = Duration.seconds(10)

    /// Up to when the board is known to be all that the database had, by the server's clock.
    private(set) var moment: Timestamp
    private var answeredAt: Instant
    private var failingSince: Instant?
    private var behindSince: Instant?
    private var overdueSince: Instant?

    init(moment: Timestamp, at instant: Instant) {
        self.moment = moment
        answeredAt = instant
    }

    /// The database has answered.
    ///
    /// - Parameters:
    ///   - behindSince: since when it is known to have more than the board; nil if the board has all that it had at `moment`.
    ///   - isOverdue: whether what a stored moment should have changed is late by more than `overdueBy`.
    mutating func answer(behindSince: Instant?, isOverdue: Bool, moment: Timestamp, at instant: Instant) {
        answeredAt = instant
        overdueSince = isOverdue ? overdueSince ?? instant : nil
        self.behindSince = behindSince
        if behindSince == nil { self.moment = moment }
    }

    /// The board could not be refreshed.
    mutating func fail(at instant: Instant) {
        failingSince = failingSince ?? instant
    }

    /// The board has all that the database had at `moment`.
    mutating func succeed(asOf moment: Timestamp) {
        failingSince = nil
        self.moment = max(self.moment, moment)
    }

    func isAnswered(within limit: Duration, at instant: Instant) -> Bool {
        answeredAt.duration(to: instant) <= limit
    }

    /// Nil while the board may be called live.
    func doubt(at instant: Instant) -> Doubt? {
        if !isAnswered(within: Self.patience, at: instant) { return .unanswered }
        if let failingSince, failingSince.duration(to: instant) > Self.patience { return .failing }
        if let behindSince, behindSince.duration(to: instant) > Self.lagLimit { return .behind }
        if let overdueSince, overdueSince.duration(to: instant) > Self.overduePatience { return .overdue }
        return nil
    }
}
