// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Concurrency

/// How long to wait before the next attempt, and whether another client seems to use the same client id.
struct ReconnectPolicy: Sendable {
    struct Decision: Hashable, Sendable {
        let delay: Duration
        /// True after three connections in a row that the server accepted and soon closed without a reason.
        let looksLikeTakeover: Bool
    }

    private let backoff: Backoff
    private let stableAfter: Duration
    private var failures = 0
    private var shortLives = 0

    init(_ backoff: Backoff, stableAfter: Duration) {
        self.backoff = backoff
        self.stableAfter = stableAfter
    }

    /// - Parameters:
    ///   - lifetime: how long the connection lasted after CONNACK; nil if it was never accepted.
    ///   - randomUnit: from 0 up to 1.
    mutating func next(after end: ConnectionEnd, lifetime: Duration?, randomUnit: Double) -> Decision {
        let wasStable = lifetime.map { $0 >= stableAfter } ?? false
        // A cut is our own doing and says nothing of the server.
        if wasStable || end == .cut { failures = 0 }
        shortLives = Self.isTakeover(end) && lifetime != nil && !wasStable ? shortLives + 1 : 0
        let ceiling = backoff.ceiling(after: failures)
        failures += 1
        return Decision(delay: ceiling * randomUnit, looksLikeTakeover: shortLives >= 3)
    }

    private static func isTakeover(_ end: ConnectionEnd) -> Bool {
        switch end {
        case .closedByServer, .disconnectedByServer(.sessionTakenOver, _): true
        default: false
        }
    }
}
