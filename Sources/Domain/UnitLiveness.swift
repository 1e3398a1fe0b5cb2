// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// A unit's link in a word. `rawValue` is for programs: metrics, JSON.
package enum UnitLiveness: String, Hashable, Sendable, CaseIterable, CustomStringConvertible {
    case live
    /// Not heard for longer than it may be silent.
    case silent
    /// It, or its will, said so itself, and has said nothing since.
    case offline
    case neverHeard = "never-heard"

    /// For people.
    package var description: String {
        switch self {
        case .live, .silent, .offline: rawValue
        case .neverHeard: "never heard"
        }
    }
}
