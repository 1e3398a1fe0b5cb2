// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
package import HashTreeCollections
import Store

/// Holds every public card at one revision. An immutable value that stays valid after the board has moved on.
package struct BoardSnapshot: Sendable {
    package let lineage: Lineage
    package let revision: Revision
    /// The cards of all people who aren't archived. A persistent map: a new snapshot shares what didn't change.
    package let cards: TreeDictionary<FacultyID, Card>
    /// The ids in the order of lists (see `SurnameOrder`), in all and by department.
    package let order: BoardOrder

    /// Creates an empty snapshot.
    init(lineage: Lineage) {
        self.init(lineage: lineage, revision: .none, cards: [:], order: BoardOrder())
    }

    private init(lineage: Lineage, revision: Revision, cards: TreeDictionary<FacultyID, Card>, order: BoardOrder) {
        self.lineage = lineage
        self.revision = revision
        self.cards = cards
        self.order = order
    }

    package func card(of id: FacultyID) -> Card? { cards[id] }

    package var tag: RevisionTag { RevisionTag(lineage: lineage, revision: revision) }

    /// Returns the cards of one department, or all, in the order of lists. Nothing is sorted here.
    package func cards(of department: String?) -> [Card] {
        order.people(of: department).compactMap { cards[$0] }
    }

    /// Returns the snapshot after the changes, and the ids in which it differs. Nothing of another lineage is kept.
    func applying(_ changes: CardRepository.Changes) -> (next: BoardSnapshot, touched: [FacultyID]) {
        let before = changes.lineage == lineage ? self : BoardSnapshot(lineage: changes.lineage)
        var cards = before.cards
        for stored in changes.cards {
            cards[stored.id] = Card(
                id: stored.id, profile: stored.profile, version: stored.version, availability: stored.availability,
                alwaysAvailable: stored.alwaysAvailable, waiting: stored.waiting, revision: stored.revision,
                former: before.cards[stored.id])
        }
        for id in changes.removed.keys { cards.removeValue(forKey: id) }
        let touched = changes.cards.map(\.id) + changes.removed.keys
        var order = before.order
        order.update(from: before.cards, to: cards, touched: touched)
        let next = BoardSnapshot(lineage: changes.lineage, revision: changes.revision, cards: cards, order: order)
        return (next, touched)
    }
}
