// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Which ends of connections the log is told of, so that a server that is away is one line, and then one a minute.
/// Pure.
struct OutageAccount: Sendable {
    /// What the log says of one end.
    struct Line: Hashable, Sendable {
        /// Attempts that ended since the line before and were not told of.
        let untold: Int
    }

    private var told: (reason: String, at: ContinuousClock.Instant)?
    private var untold = 0

    private static let reminder = Duration.seconds(60)
    /// A reason that is new is told before the minute is over, but no more often than this.
    private static let leastPause = Duration.seconds(5)

    /// Nil if the log has said enough.
    ///
    /// - Parameter hasLasted: whether the connection that ended had lasted: then another outage begins.
    mutating func line(for reason: String, hasLasted: Bool, at now: ContinuousClock.Instant) -> Line? {
        if hasLasted { (told, untold) = (nil, 0) }
        if let told {
            let pause = told.reason == reason ? Self.reminder : Self.leastPause
            guard told.at.duration(to: now) >= pause else {
                untold += 1
                return nil
            }
        }
        defer { (told, untold) = ((reason, now), 0) }
        return Line(untold: untold)
    }
}
