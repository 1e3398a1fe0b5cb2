// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// A unit's link in one word. `rawValue` is for programs: metrics and JSON.
package enum UnitLiveness: String, Hashable, Sendable, CaseIterable, CustomStringConvertible {
    case live
    /// The unit has not been heard for longer than its tolerance.
    case silent
    /// The unit, or its will, reported this, and no message has come since.
    case offline
    case neverHeard = "never-heard"

    /// The word for people.
    package var description: String {
        switch self {
        case .live, .silent, .offline: rawValue
        case .neverHeard: "never heard"
        }
    }
}
