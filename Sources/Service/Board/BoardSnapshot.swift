// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
package import HashTreeCollections

/// Every public card at one revision: what every screen reads. An immutable value that stays valid for ever.
package struct BoardSnapshot: Sendable {
    package let lineage: Lineage
    package let revision: Revision
    /// Cards of everybody who isn't archived. A persistent map: a new snapshot shares what didn't change.
    package let cards: TreeDictionary<FacultyID, Card>
    /// Who left the board, and at which revision: what a resumed stream must be told.
    package let removed: TreeDictionary<FacultyID, Revision>

    package init(
        lineage: Lineage, revision: Revision, cards: TreeDictionary<FacultyID, Card>,
        removed: TreeDictionary<FacultyID, Revision> = [:]
    ) {
        self.lineage = lineage
        self.revision = revision
        self.cards = cards
        self.removed = removed
    }

    package func card(of id: FacultyID) -> Card? { cards[id] }

    package var tag: RevisionTag { RevisionTag(lineage: lineage, revision: revision) }

    /// The cards of one department, or of all, in the order of a touch board: by surname, as `SurnameOrder` says.
    package func cards(of department: String?) -> [Card] {
        let scoped =
            department.map { name in cards.values.filter { $0.profile.department == name } } ?? Array(cards.values)
        return scoped.sorted { ($0.sortKey, $0.id) < ($1.sortKey, $1.id) }
    }
}
