// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Hummingbird
import Service

/// The body of a list: `{"lineage":…,"revision":"lineage-n","faculty":[…]}`.
enum FacultyList {
    /// Joins cards that are encoded already; nothing is encoded twice.
    static func body(of snapshot: BoardSnapshot, department: String?) -> ByteBuffer {
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
