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
    let counts: ScopeCounts

    package init(cards: [Card], departments: [String], tag: RevisionTag) {
        self.cards = cards
        self.departments = departments
        self.tag = tag
        counts = ScopeCounts(cards)
    }

    /// Takes its part from a snapshot; the work grows with the number of cards in that part.
    package init(_ snapshot: BoardSnapshot, department: String?) {
        self.init(
            cards: snapshot.cards(of: department), departments: snapshot.order.departments, tag: snapshot.tag)
    }
}

/// Counts that all readers of a scope at one revision share.
struct ScopeCounts: Sendable {
    let here: Int
    let available: Int
    /// Surnames that more than one person in the scope bears.
    let sharedSurnames: Set<String>

    init(_ cards: [Card]) {
        here = cards.count { $0.availability.state.isHere }
        available = cards.count { $0.availability.state == .available }
        var seen: Set<String> = []
        sharedSurnames = Set(cards.lazy.map(\.profile.surname).filter { !seen.insert($0).inserted })
    }
}

/// The moment at which a page is true, by the server's clock.
package struct PageMoment: Sendable {
    package let now: Timestamp
    /// How many seconds of the server's clock pass in one: 1 but for a demo.
    package let speed: Double
    /// Up to when what is shown is known to be true, if the server can't say that it still is; nil while it can.
    package let staleAt: Timestamp?

    package init(now: Timestamp, speed: Double = 1, staleAt: Timestamp? = nil) {
        self.now = now
        self.speed = speed
        self.staleAt = staleAt
    }
}

/// What every page of one server shares.
package struct PageSettings: Sendable {
    /// The place of the screens, as "Engineering building, lobby"; nil shows the department instead.
    package let place: String?
    /// Which of several servers draws the pages; nil if there is but one.
    package let instance: String?
    package let zone: Zone
    /// How many seconds a kiosk stays as its last reader left it.
    package let kioskRest: Int

    package init(place: String? = nil, instance: String? = nil, zone: Zone, kioskRest: Int = 90) {
        self.place = place
        self.instance = instance
        self.zone = zone
        self.kioskRest = kioskRest
    }
}
