// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain

/// One faculty member's public view: the unit of change for screens.
///
/// A card holds nothing private: no e-mail, no beacon, no student.
package struct Card: Hashable, Sendable {
    package let id: FacultyID
    package let profile: FacultyProfile.Public
    /// The profile row's version.
    package let version: Int64
    package let availability: Availability
    /// An override of *available* without an end is in force.
    package let alwaysAvailable: Bool
    /// How many students wait in this person's line.
    package let waiting: Int64
    /// The revision at which the card last changed.
    package let revision: Revision
    /// Orders the cards: compared character by character, then by id. See `SurnameOrder`.
    package let sortKey: String
    /// The card as the API and the event stream carry it, encoded once.
    package let json: [UInt8]

    /// Makes a card, and takes the sort key of the `former` card if the names are the same: few changes
    /// touch a name, and folding one is slow.
    package init(
        id: FacultyID, profile: FacultyProfile.Public, version: Int64, availability: Availability,
        alwaysAvailable: Bool, waiting: Int64, revision: Revision, former: Card? = nil
    ) {
        self.id = id
        self.profile = profile
        self.version = version
        self.availability = availability
        self.alwaysAvailable = alwaysAvailable
        self.waiting = waiting
        self.revision = revision
        if let former, former.profile.surname == profile.surname, former.profile.name == profile.name {
            sortKey = former.sortKey
        } else {
            sortKey = SurnameOrder.key(surname: profile.surname, name: profile.name)
        }
        json = CardElement(
            id: id, profile: profile, version: version, availability: availability,
            alwaysAvailable: alwaysAvailable, waiting: waiting, sortKey: sortKey
        ).encoded()
    }
}

extension Card {
    /// The card in the former system's format, with public fields alone.
    package var facultyData: FacultyData {
        FacultyData(
            id: id, name: profile.name, department: profile.department, status: availability.state == .available,
            alwaysAvailable: alwaysAvailable, lastSeen: availability.lastEvidence?.flooredToMinute, email: nil,
            bleID: nil, version: version, imagePath: profile.imagePath)
    }
}
