// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Service

/// What is made of a snapshot and a scope, made once for all who ask at the same revision: an actor, so that those who ask
/// together wait for one making without holding a thread.
///
/// Bounded: at most `largestCount` scopes of one revision are kept; a further one is made for its reader alone.
actor RevisionCache<Value: Sendable> {
    private let make: @Sendable (BoardSnapshot, String?) -> Value
    private var tag: RevisionTag?
    private var values: [String?: Value] = [:]

    private static var largestCount: Int { 64 }

    init(_ make: @escaping @Sendable (_ snapshot: BoardSnapshot, _ department: String?) -> Value) {
        self.make = make
    }

    func value(of snapshot: BoardSnapshot, department: String?) -> Value {
        if let tag, tag.lineage == snapshot.lineage, tag.revision > snapshot.revision {
            return make(snapshot, department)
        }
        if tag != snapshot.tag {
            tag = snapshot.tag
            values.removeAll(keepingCapacity: true)
        }
        if let known = values[department] { return known }
        let value = make(snapshot, department)
        if values.count < Self.largestCount { values[department] = value }
        return value
    }
}
