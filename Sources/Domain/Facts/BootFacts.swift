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

/// The stored facts about one boot of a dialect 2 unit (rules 12 and 13).
package struct BootFacts: Hashable, Sendable {
    package var seen: SequenceSet
    /// The highest seq of an applied presence in this boot. A press counts too, because it is evidence of presence:
    /// otherwise the result would depend on the order in which a press and a presence arrive.
    package var lastPresence: Int64?

    package init(seen: SequenceSet = SequenceSet(), lastPresence: Int64? = nil) {
        self.seen = seen
        self.lastPresence = lastPresence
    }
}
