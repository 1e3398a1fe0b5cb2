// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// A person's own word on their availability, which goes before everything that is sensed.
package struct Override: Hashable, Sendable {
    package var word: OverrideWord
    package var setAt: Timestamp
    /// When it ends by itself. An override of *available* without an end is what the former system called always
    /// available.
    package var until: Timestamp?

    package init(word: OverrideWord, setAt: Timestamp, until: Timestamp?) {
        self.word = word
        self.setAt = setAt
        self.until = until
    }

    package func isInForce(at now: Timestamp) -> Bool {
        until.map { now < $0 } ?? true
    }
}

/// What a person can say of themselves.
package enum OverrideWord: String, Sendable, CaseIterable {
    case available
    case busy
    case away
    case out

    package var availability: AvailabilityState {
        switch self {
        case .available: .available
        case .busy: .busy
        case .away: .away
        case .out: .out
        }
    }
}
