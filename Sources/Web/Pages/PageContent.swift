// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
package import Service

/// What a board page is made from: one department's cards, or all, of one snapshot.
package struct BoardContent: Sendable {
    /// In the order of a touch board.
    package let cards: [Card]
    /// Every department of the snapshot, sorted.
    package let departments: [String]
    package let tag: RevisionTag

    package init(cards: [Card], departments: [String], tag: RevisionTag) {
        self.cards = cards
        self.departments = departments
        self.tag = tag
    }

    /// Takes its part from a snapshot; the work grows with the number of cards.
    package init(_ snapshot: BoardSnapshot, department: String?) {
        let all = snapshot.cards(of: nil)
        self.init(
            cards: department.map { name in all.filter { $0.profile.department == name } } ?? all,
            departments: Set(all.lazy.map(\.profile.department)).sorted(), tag: snapshot.tag)
    }
}

/// The moment at which a page is true, by the server's clock.
package struct PageMoment: Sendable {
    package let now: Timestamp
    /// How many seconds of the server's clock pass in one: 1 but for a demo.
    package let speed: Double

    package init(now: Timestamp, speed: Double = 1) {
        self.now = now
        self.speed = speed
    }
}

/// What every page of one server shares.
package struct PageSettings: Sendable {
    /// Where the screens hang: "Engineering building, lobby". Where it is nil, the department stands instead.
    package let place: String?
    /// Which of several servers draws the pages; nil where there is but one.
    package let instance: String?
    package let zone: Zone

    package init(place: String? = nil, instance: String? = nil, zone: Zone) {
        self.place = place
        self.instance = instance
        self.zone = zone
    }
}
