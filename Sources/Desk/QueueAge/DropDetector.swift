// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain

/// Detects messages that the broker acknowledged to a unit and then dropped, since a queue was full. Pure.
///
/// Two things tell. A call of ours that the broker acknowledged, and that the echo of a later call overtook on the same
/// connection, was dropped: that is certain, with every broker, but counts our own calls alone (see
/// `QueueAgeEstimator`). The embedded broker also publishes how many messages it has dropped since its start: that is a
/// count, of all sessions that it keeps.
struct DropDetector: Sendable {
    /// Where mosquitto tells how many messages it has dropped.
    static let topic = "$SYS/broker/publish/messages/dropped"
    /// How long readiness tells of a drop after the last one.
    static let memory = Span.minutes(5)

    /// News of drops, for the log and the metrics.
    struct News: Hashable, Sendable {
        var calls = 0
        /// By the broker's own count; 0 if it doesn't say.
        var messages = 0
    }

    /// When the first drop of the row was noticed, and the last.
    private var noticed: (first: Timestamp, last: Timestamp)?
    /// The broker's count when it was last told.
    private var count: Int?
    /// What the log hasn't been told.
    private var untold = News()
    private var toldAt: Timestamp?

    /// Calls were overtaken.
    mutating func overtook(_ calls: Int, at moment: Timestamp) {
        guard calls > 0 else { return }
        untold.calls += calls
        notice(at: moment)
    }

    /// The broker told its count. Returns by how much it has risen; a lower one is that of a broker that began anew.
    ///
    /// The first count that this process hears may be of a time before it, so the log has it and readiness doesn't fail
    /// by it.
    mutating func counted(_ total: Int, at moment: Timestamp) -> Int {
        defer { count = total }
        guard let count else {
            untold.messages += total
            return total
        }
        let risen = total >= count ? total - count : total
        guard risen > 0 else { return 0 }
        untold.messages += risen
        notice(at: moment)
        return risen
    }

    private mutating func notice(at moment: Timestamp) {
        let first = noticed.flatMap { moment - $0.last < Self.memory ? $0.first : nil }
        noticed = (first ?? moment, moment)
    }

    /// Since when the broker drops, if it did lately.
    func since(at moment: Timestamp) -> Timestamp? {
        noticed.flatMap { moment - $0.last < Self.memory ? $0.first : nil }
    }

    /// What the log is to be told now: at most one line a minute, each with all that was noticed since the last.
    mutating func news(at moment: Timestamp) -> News? {
        guard untold != News() else { return nil }
        if let toldAt, moment - toldAt < .minutes(1) { return nil }
        defer { (untold, toldAt) = (News(), moment) }
        return untold
    }
}
