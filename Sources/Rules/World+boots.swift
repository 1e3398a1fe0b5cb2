// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Wire

/// How a boot that a `state` names relates to the unit's current boot.
enum BootStanding {
    /// The boot whose events began last; a will without a boot means this one too.
    case current
    /// No event of this boot was heard: as far as is known, the unit has restarted.
    case announced
    /// Another boot has followed this one.
    case followed
}

extension World {
    func standing(of boot: BootID?, _ unit: UnitID) -> BootStanding {
        guard let boot, boot != units[unit]?.currentBoot else { return .current }
        let isKnown = boots[BootKey(unit: unit, boot: boot)] != nil
        return isKnown && boot != units[unit]?.announcedBoot ? .followed : .announced
    }

    /// Remembers that a unit has restarted and that no event has come since. The first such boot is enough, so a unit
    /// that restarts again and again without an event takes no more room.
    mutating func announce(_ boot: BootID, of unit: UnitID) {
        guard units[unit]?.announcedBoot == nil else { return }
        units[unit]?.announcedBoot = boot
        boots[BootKey(unit: unit, boot: boot)] = BootFacts()
    }

    /// Makes the boot of its first event the current one; the presence of the former boot becomes a last word.
    mutating func begin(_ key: BootKey, of faculty: FacultyID) {
        // If this boot was announced, and another one after it, its first event doesn't end the later announcement.
        let wasAnnouncedBefore = boots[key] != nil && units[key.unit]?.announcedBoot != key.boot
        if !wasAnnouncedBefore { units[key.unit]?.announcedBoot = nil }
        units[key.unit]?.currentBoot = key.boot
        unverifyPresence(of: faculty, by: key.unit)
    }
}
