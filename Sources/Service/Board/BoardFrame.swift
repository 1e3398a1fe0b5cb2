// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain

/// One message to a subscriber: encoded once, and shared by all subscribers that need the same.
package struct BoardFrame: Sendable, Hashable {
    package enum Kind: String, Sendable {
        /// The whole board of the subscriber's scope.
        case snapshot
        /// What changed since the frame before.
        case change
        /// The revision that the subscriber resumed from belongs to another past: forget everything; a snapshot
        /// follows.
        case reset
    }

    package let kind: Kind
    /// The revision that the board has once this frame is applied.
    package let tag: RevisionTag
    /// `{"revision":"lineage-n","cards":[…],"removed":[ids]}`
    package let json: [UInt8]
}

extension BoardFrame {
    /// Joins the JSON of the cards, which each card already holds.
    init(kind: Kind, tag: RevisionTag, cards: [Card], removed: [FacultyID]) {
        self.kind = kind
        self.tag = tag
        var bytes: [UInt8] = []
        bytes.reserveCapacity(96 + cards.reduce(0) { $0 + $1.json.count + 1 } + removed.count * 8)
        bytes += #"{"revision":""#.utf8
        bytes += tag.description.utf8
        bytes += #"","cards":["#.utf8
        for (index, card) in cards.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes += card.json
        }
        bytes += #"],"removed":["#.utf8
        bytes += removed.map(\.description).joined(separator: ",").utf8
        bytes += "]}".utf8
        json = bytes
    }
}
