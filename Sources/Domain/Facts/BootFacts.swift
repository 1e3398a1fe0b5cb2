// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// One start of one unit.
package struct BootKey: Hashable, Sendable {
    package var unit: UnitID
    package var boot: BootID

    package init(unit: UnitID, boot: BootID) {
        self.unit = unit
        self.boot = boot
    }
}

/// What is remembered of one boot of a unit of dialect 2 (rules 12 and 13).
package struct BootFacts: Hashable, Sendable {
    package var seen: SequenceSet
    /// The highest seq of a presence that was applied in this boot. A press is evidence of presence, so it counts as
    /// one: otherwise the order in which a press and a presence arrive would decide.
    package var lastPresence: Int64?

    package init(seen: SequenceSet = SequenceSet(), lastPresence: Int64? = nil) {
        self.seen = seen
        self.lastPresence = lastPresence
    }
}
