// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// How long to wait before the next attempt, and whether another client seems to use the same client id.
struct RetryPolicy: Sendable {
    struct Decision: Hashable, Sendable {
        let delay: Duration
        /// Three connections in a row were accepted and soon closed without a reason.
        let looksLikeTakeover: Bool
    }

    let backoff: Backoff
    private var failures = 0
    private var shortLives = 0

    init(_ backoff: Backoff) {
        self.backoff = backoff
    }

    /// - Parameters:
    ///   - lifetime: how long the connection lasted after CONNACK; nil if it was never accepted.
    ///   - randomUnit: from 0 up to 1.
    mutating func next(after end: ConnectionEnd, lifetime: Duration?, randomUnit: Double) -> Decision {
        let wasStable = lifetime.map { $0 >= backoff.stableAfter } ?? false
        // A cut is our own doing and says nothing of the server.
        if wasStable || end == .cut { failures = 0 }
        shortLives = Self.isTakeover(end) && lifetime != nil && !wasStable ? shortLives + 1 : 0
        let ceiling = min(backoff.cap, backoff.base * (1 << min(failures, 20)))
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
