// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// A desk unit's liveness: when it was last heard, and how long it may be silent.
package struct UnitLink: Hashable, Sendable {
    /// When the last accepted live message arrived; if it had waited at the broker, the earliest moment at which it can
    /// have been sent.
    package var heardAt: Timestamp?
    /// The time after which a silent unit counts as offline: 90 s…15 min (`wire/protocol.md` rules 7 and 17).
    package var tolerance: Span
    /// Set when the unit or its will reports it offline, and cleared by its next live message.
    package var offlineSince: Timestamp?

    package init(heardAt: Timestamp? = nil, tolerance: Span = .seconds(90), offlineSince: Timestamp? = nil) {
        self.heardAt = heardAt
        self.tolerance = tolerance
        self.offlineSince = offlineSince
    }

    /// When the unit counts as silent unless it is heard before; nil if it was never heard.
    package var silentAt: Timestamp? { heardAt.map { $0 + tolerance } }

    /// Whether the unit's report is reliable at `now`.
    package func isLive(at now: Timestamp) -> Bool { liveness(at: now) == .live }

    package func liveness(at now: Timestamp) -> UnitLiveness {
        guard offlineSince == nil else { return .offline }
        guard let silentAt else { return .neverHeard }
        return now < silentAt ? .live : .silent
    }
}
