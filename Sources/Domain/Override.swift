// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// An availability that a person states, which takes precedence over everything sensed.
package struct Override: Hashable, Sendable {
    package var word: OverrideWord
    package var setAt: Timestamp
    /// When the override ends by itself. The former system called an override of *available* without an end "always
    /// available".
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

/// The states that a person can set.
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
