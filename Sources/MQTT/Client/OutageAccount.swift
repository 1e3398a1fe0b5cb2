// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Decides which ends of connections the log reports: a server that is away gives one line at once, and then one a
/// minute. Pure.
struct OutageAccount: Sendable {
    /// One line of the log about an end.
    struct Line: Hashable, Sendable {
        /// The number of ends since the previous line that the log did not report.
        let untold: Int
    }

    private var told: (reason: String, at: ContinuousClock.Instant)?
    private var untold = 0

    private static let reminder = Duration.seconds(60)
    /// Bounds how often a new reason gives a line; a new reason doesn't wait for the minute to end.
    private static let leastPause = Duration.seconds(5)

    /// Returns the line to log, or nil if the log has reported this outage recently.
    ///
    /// - Parameter hasLasted: whether the connection that ended had lasted; if so, a new outage begins.
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
