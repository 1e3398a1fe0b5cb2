// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Hummingbird
import Service

/// List bodies of the present revision, each joined once for all who ask: an actor, so that those who ask together wait for one
/// joining without holding a thread.
///
/// Bounded: at most `largestCount` scopes of one revision are kept; a further one is joined for its reader alone.
actor FacultyLists {
    private var tag: RevisionTag?
    private var bodies: [String?: ByteBuffer] = [:]

    static let largestCount = 64

    /// `{"lineage":…,"revision":"lineage-n","faculty":[…]}`; nothing is encoded here, cards are.
    func body(of snapshot: BoardSnapshot, department: String?) -> ByteBuffer {
        if let tag, tag.lineage == snapshot.lineage, tag.revision > snapshot.revision {
            return Self.joined(snapshot, department)
        }
        if tag != snapshot.tag {
            tag = snapshot.tag
            bodies.removeAll(keepingCapacity: true)
        }
        if let known = bodies[department] { return known }
        let body = Self.joined(snapshot, department)
        if bodies.count < Self.largestCount { bodies[department] = body }
        return body
    }

    private static func joined(_ snapshot: BoardSnapshot, _ department: String?) -> ByteBuffer {
        let cards = snapshot.cards(of: department)
        var body = ByteBuffer()
        body.reserveCapacity(96 + cards.reduce(0) { $0 + $1.json.count + 1 })
        body.writeString(#"{"lineage":"\#(snapshot.lineage)","revision":"\#(snapshot.tag)","faculty":["#)
        for (index, card) in cards.enumerated() {
            if index > 0 { body.writeString(",") }
            body.writeBytes(card.json)
        }
        body.writeString("]}")
        return body
    }
}
