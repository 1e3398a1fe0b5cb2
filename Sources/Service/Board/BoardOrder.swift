// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
import HashTreeCollections

/// The people of the board and of each department, in the order of lists.
///
/// The order is kept from revision to revision, so that nothing is sorted for a screen. Most commits change neither a
/// name nor a department, and leave it unchanged.
package struct BoardOrder: Sendable {
    package private(set) var everybody: [FacultyID] = []
    /// Every department that has people, sorted.
    package private(set) var departments: [String] = []
    private var byDepartment: TreeDictionary<String, [FacultyID]> = [:]

    typealias Cards = TreeDictionary<FacultyID, Card>

    /// Up to this many people are moved one by one; more are merged in one pass over the list.
    private static let fewMoves = 32

    /// Returns the people of one department, or all; none if the department doesn't exist.
    package func people(of department: String?) -> [FacultyID] {
        department.map { byDepartment[$0] ?? [] } ?? everybody
    }

    /// Whether the scope has people: clients may ask for departments that don't exist.
    package func has(_ department: String?) -> Bool {
        department.map { byDepartment[$0] != nil } ?? true
    }

    /// Updates the order from one snapshot to the next. `touched` are the ids in which they differ.
    mutating func update(from before: Cards, to after: Cards, touched: some Sequence<FacultyID>) {
        var leaving: [Card] = []
        var coming: [Card] = []
        for id in touched {
            let (old, new) = (before[id], after[id])
            guard old?.sortKey != new?.sortKey || old?.profile.department != new?.profile.department else { continue }
            if let old { leaving.append(old) }
            if let new { coming.append(new) }
        }
        guard !leaving.isEmpty || !coming.isEmpty else { return }
        Self.move(&everybody, leaving: leaving, coming: coming, cards: after)
        let leavingBy = Dictionary(grouping: leaving, by: \.profile.department)
        let comingBy = Dictionary(grouping: coming, by: \.profile.department)
        var isNewSet = false
        for department in Set(leavingBy.keys).union(comingBy.keys) {
            var people = byDepartment[department] ?? []
            let existed = !people.isEmpty
            Self.move(
                &people, leaving: leavingBy[department] ?? [], coming: comingBy[department] ?? [], cards: after)
            byDepartment[department] = people.isEmpty ? nil : people
            if existed == people.isEmpty { isNewSet = true }
        }
        if isNewSet { departments = byDepartment.keys.sorted() }
    }

    /// Removes the leaving people from a list, and inserts the coming ones. `cards` holds every card that stays.
    private static func move(_ list: inout [FacultyID], leaving: [Card], coming: [Card], cards: Cards) {
        guard leaving.count + coming.count <= fewMoves else {
            return merge(&list, leaving: leaving, coming: coming, cards: cards)
        }
        let gone = Set(leaving.map(\.id))
        if !gone.isEmpty { list.removeAll { gone.contains($0) } }
        for card in coming {
            var (low, high) = (0, list.count)
            while low < high {
                let middle = (low + high) / 2
                if let other = cards[list[middle]], other.precedes(card) { low = middle + 1 } else { high = middle }
            }
            list.insert(card.id, at: low)
        }
    }

    private static func merge(_ list: inout [FacultyID], leaving: [Card], coming: [Card], cards: Cards) {
        let gone = Set(leaving.map(\.id))
        var rest = coming.sorted { $0.precedes($1) }[...]
        var merged: [FacultyID] = []
        merged.reserveCapacity(list.count + rest.count)
        for id in list where !gone.contains(id) {
            if let card = cards[id] {
                while let next = rest.first, next.precedes(card) {
                    merged.append(next.id)
                    rest.removeFirst()
                }
            }
            merged.append(id)
        }
        merged += rest.map(\.id)
        list = merged
    }
}

extension Card {
    fileprivate func precedes(_ other: Card) -> Bool { (sortKey, id) < (other.sortKey, other.id) }
}
