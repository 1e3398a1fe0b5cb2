// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Derives presence from scans and presses: a short dropout of the beacon is no absence.
struct PresenceSense: Equatable, Sendable {
    /// The unit's conclusion. *Unknown* from its start until a scan has found the beacon, or until scans have missed it
    /// for long enough.
    private(set) var state: State = .unknown
    /// How long the beacon may be missed before its owner counts as away, in ms.
    var awayAfter: UInt64
    /// When scans began to miss the beacon, or nil.
    private(set) var missedSince: Uptime?
    /// When a press stops standing in for a beacon that is flat or lost.
    private(set) var vouchedUntil: Uptime?

    /// How long a press alone proves presence.
    static let pressHolds: UInt64 = 30 * 60_000

    enum State: Equatable, Sendable {
        case unknown
        case present
        case absent
    }

    /// The change that a scan, a press or the passing of time caused.
    enum Change: Equatable, Sendable {
        case arrived
        /// Scans miss the beacon, but its owner still counts as present.
        case graceBegan
        case graceEnded
        case left
    }

    init(awayAfter: UInt64) {
        self.awayAfter = awayAfter
    }

    /// Whether scans miss the beacon while its owner still counts as present.
    var isInGrace: Bool { state == .present && missedSince != nil && vouchedUntil == nil }

    /// Returns the rest of the grace, in ms.
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

    /// Takes a press as evidence of presence, whatever the beacon says.
    mutating func pressed(at now: Uptime) -> Change? {
        guard state != .present || missedSince != nil || vouchedUntil != nil else { return nil }
        if missedSince == nil { missedSince = now }
        vouchedUntil = now + Self.pressHolds
        guard state != .present else { return nil }
        state = .present
        return .arrived
    }
}
