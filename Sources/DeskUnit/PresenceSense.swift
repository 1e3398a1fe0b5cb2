// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// From scans and presses to presence: a short dropout of the beacon is not an absence.
struct PresenceSense: Equatable, Sendable {
    /// What the unit believes. *Unknown* from its start until a scan has found the beacon, or has missed it for long
    /// enough.
    private(set) var state: State = .unknown
    /// How long the beacon may be missed before its owner counts as away, in ms.
    var awayAfter: UInt64
    /// When scans began to miss the beacon.
    private(set) var missedSince: Uptime?
    /// Until when a press stands in for a beacon that is flat or lost.
    private(set) var vouchedUntil: Uptime?

    /// How long a press proves presence by itself.
    static let pressHolds: UInt64 = 30 * 60_000

    enum State: Equatable, Sendable {
        case unknown
        case present
        case absent
    }

    /// What a scan, a press or the passing of time came to.
    enum Change: Equatable, Sendable {
        case arrived
        /// The beacon is missed, and its owner still counts as present.
        case graceBegan
        case graceEnded
        case left
    }

    init(awayAfter: UInt64) {
        self.awayAfter = awayAfter
    }

    /// Whether the beacon is missed while its owner still counts as present.
    var isInGrace: Bool { state == .present && missedSince != nil && vouchedUntil == nil }

    /// What remains of the grace, in ms.
    func graceRemaining(at now: Uptime) -> UInt64 {
        guard let missedSince else { return 0 }
        let missed = now.elapsed(since: missedSince)
        return missed < awayAfter ? awayAfter - missed : 0
    }

    mutating func seen() -> Change? {
        let wasInGrace = isInGrace
        missedSince = nil
        vouchedUntil = nil
        guard state != .present else { return wasInGrace ? .graceEnded : nil }
        state = .present
        return .arrived
    }

    mutating func missed(at now: Uptime) -> Change? {
        let isNews = missedSince == nil
        if isNews { missedSince = now }
        if let change = timePassed(at: now) { return change }
        return isNews && isInGrace ? .graceBegan : nil
    }

    mutating func timePassed(at now: Uptime) -> Change? {
        if let until = vouchedUntil {
            guard now >= until else { return nil }
            vouchedUntil = nil
        }
        guard state != .absent, let missedSince, now.elapsed(since: missedSince) >= awayAfter else { return nil }
        state = .absent
        return .left
    }

    /// A press is evidence of presence, whatever the beacon says.
    mutating func pressed(at now: Uptime) -> Change? {
        guard state != .present || missedSince != nil || vouchedUntil != nil else { return nil }
        if missedSince == nil { missedSince = now }
        vouchedUntil = now + Self.pressHolds
        guard state != .present else { return nil }
        state = .present
        return .arrived
    }
}
