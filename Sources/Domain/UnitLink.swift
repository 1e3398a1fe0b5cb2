// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// A desk unit's liveness: when it was last heard, and how long it may be silent.
package struct UnitLink: Hashable, Sendable {
    /// Arrival of the last live message that was accepted; or, if that had waited at the broker, the earliest moment
    /// at which it can have been said.
    package var heardAt: Timestamp?
    /// How long the unit may be silent before it counts as offline: 90 s…15 min (`wire/protocol.md` rules 7 and 17).
    package var tolerance: Span
    /// Set when the unit (or its will) says that it is offline, cleared by its next live message.
    package var offlineSince: Timestamp?

    package init(heardAt: Timestamp? = nil, tolerance: Span = .seconds(90), offlineSince: Timestamp? = nil) {
        self.heardAt = heardAt
        self.tolerance = tolerance
        self.offlineSince = offlineSince
    }

    /// When the unit counts as offline, unless it is heard before: nil if it was never heard.
    package var silentAt: Timestamp? { heardAt.map { $0 + tolerance } }

    /// Whether the unit's word can be relied on at `now`.
    package func isLive(at now: Timestamp) -> Bool { liveness(at: now) == .live }

    package func liveness(at now: Timestamp) -> UnitLiveness {
        guard offlineSince == nil else { return .offline }
        guard let silentAt else { return .neverHeard }
        return now < silentAt ? .live : .silent
    }
}
