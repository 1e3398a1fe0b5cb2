// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Wire

/// What a boot that a `state` names is among its unit's.
enum BootStanding {
    /// The one whose events were the last to begin; a will that names none speaks of it too.
    case current
    /// No event of it was heard: the unit has started anew, as far as is known.
    case announced
    /// Another boot has followed it.
    case followed
}

extension World {
    func standing(of boot: BootID?, _ unit: UnitID) -> BootStanding {
        guard let boot, boot != units[unit]?.currentBoot else { return .current }
        let isKnown = boots[BootKey(unit: unit, boot: boot)] != nil
        return isKnown && boot != units[unit]?.announcedBoot ? .followed : .announced
    }

    /// Remembers that a unit has started anew and that nothing was heard since. One such boot is enough to know that,
    /// so a unit that starts over and over and says nothing takes no more room.
    mutating func announce(_ boot: BootID, of unit: UnitID) {
        guard units[unit]?.announcedBoot == nil else { return }
        units[unit]?.announcedBoot = boot
        boots[BootKey(unit: unit, boot: boot)] = BootFacts()
    }

    /// The first event of a boot: it is the unit's current one, and what the former one said last is a last word now.
    mutating func begin(_ key: BootKey, of faculty: FacultyID) {
        // A boot that was announced, and followed by the announcement of another, ends no more than those before it.
        let wasAnnouncedBefore = boots[key] != nil && units[key.unit]?.announcedBoot != key.boot
        if !wasAnnouncedBefore { units[key.unit]?.announcedBoot = nil }
        units[key.unit]?.currentBoot = key.boot
        unverifyPresence(of: faculty, by: key.unit)
    }
}
