// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// How often each fault happens: probabilities, 0…1.
package struct FaultRates: Sendable, Equatable {
    /// A message is sent twice, the second time at once or several messages later.
    package var duplicates: Double
    /// Up to three later messages overtake a message.
    package var reorderings: Double
    /// An old message is sent again.
    package var replays: Double
    /// The unit restarts.
    package var reboots: Double
    /// The connection is cut without a DISCONNECT.
    package var cuts: Double
    /// The unit is silent for a while.
    package var silences: Double
    /// The unit sends garbage on its own topics.
    package var hostile: Double

    package init(
        duplicates: Double = 0, reorderings: Double = 0, replays: Double = 0, reboots: Double = 0, cuts: Double = 0,
        silences: Double = 0, hostile: Double = 0
    ) {
        self.duplicates = duplicates
        self.reorderings = reorderings
        self.replays = replays
        self.reboots = reboots
        self.cuts = cuts
        self.silences = silences
        self.hostile = hostile
    }

    package static let none = FaultRates()
}
