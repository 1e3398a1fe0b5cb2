// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain

/// Decides whether the board may be called live. A pure value: its owner tells it what was found, and when.
///
/// The board is in doubt if the database doesn't answer, or the board can't follow it. It is not in doubt merely
/// because the database is being written to, or has changes that the board hasn't read yet.
struct BoardTrust: Sendable {
    typealias Instant = ContinuousClock.Instant

    /// The reason not to call the board live.
    enum Doubt: Sendable, Hashable {
        /// The database doesn't answer a small query.
        case unanswered
        /// The database answers, but the board can't read the changes, or must not trust them.
        case failing
        /// The board reads changes, but has not caught up for a long time.
        case behind
        /// Changes that were due at a stored moment aren't committed: no server can write.
        case overdue

        var description: String {
            switch self {
            case .unanswered: "the database has not answered for \(BoardTrust.answerTimeout)"
            case .failing: "the board can't follow the database"
            case .behind: "the board has lagged behind the database for \(BoardTrust.lagLimit)"
            case .overdue: "what time has brought can't be committed"
            }
        }
    }

    /// How long the database may fail to answer, or the board to follow it, before the board is in doubt.
    static let answerTimeout = Duration.seconds(3)
    /// How long the board may read changes without catching up.
    static let lagLimit = Duration.seconds(60)
    /// By how much a due change may be late.
    static let overdueBy = Span.seconds(60)
    /// How long due changes must have been that late before the board is in doubt.
    private static let overdueTimeout = Duration.seconds(10)

    /// The last moment, by the server's clock, at which the board had everything that the database had.
    private(set) var moment: Timestamp
    private var answeredAt: Instant
    private var failingSince: Instant?
    private var behindSince: Instant?
    private var overdueSince: Instant?

    init(moment: Timestamp, at instant: Instant) {
        self.moment = moment
        answeredAt = instant
    }

    /// Notes that the database has answered.
    ///
    /// - Parameters:
    ///   - behindSince: since when the board is known to lack changes; nil if it had everything at `moment`.
    ///   - isOverdue: whether a due change is late by more than `overdueBy`.
    mutating func answer(behindSince: Instant?, isOverdue: Bool, moment: Timestamp, at instant: Instant) {
        answeredAt = instant
        overdueSince = isOverdue ? overdueSince ?? instant : nil
        self.behindSince = behindSince
        if behindSince == nil { self.moment = moment }
    }

    /// Notes that a refresh failed.
    mutating func fail(at instant: Instant) {
        failingSince = failingSince ?? instant
    }

    /// Notes that the board has everything that the database had at `moment`.
    mutating func succeed(asOf moment: Timestamp) {
        failingSince = nil
        self.moment = max(self.moment, moment)
    }

    func isAnswered(within limit: Duration, at instant: Instant) -> Bool {
        answeredAt.duration(to: instant) <= limit
    }

    /// Returns the reason not to call the board live; nil while it may be called so.
    func doubt(at instant: Instant) -> Doubt? {
        if !isAnswered(within: Self.answerTimeout, at: instant) { return .unanswered }
        if let failingSince, failingSince.duration(to: instant) > Self.answerTimeout { return .failing }
        if let behindSince, behindSince.duration(to: instant) > Self.lagLimit { return .behind }
        if let overdueSince, overdueSince.duration(to: instant) > Self.overdueTimeout { return .overdue }
        return nil
    }
}
