// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Service

/// What is made of a snapshot and a scope, made once for all who ask at the same revision. The actor keeps the books
/// alone: it makes nothing itself, so no reader waits for another's scope.
///
/// Bounded: a scope is a department with people, or the whole board, so all that is kept holds each card twice at most.
/// For a department without people, an empty value is made and not kept.
actor RevisionCache<Value: Sendable> {
    private let make: @Sendable (BoardSnapshot, String?) -> Value
    private var tag: RevisionTag?
    private var values: [String?: Task<Value, Never>] = [:]

    init(_ make: @escaping @Sendable (_ snapshot: BoardSnapshot, _ department: String?) -> Value) {
        self.make = make
    }

    nonisolated func value(of snapshot: BoardSnapshot, department: String?) async -> Value {
        guard snapshot.order.has(department) else { return make(snapshot, department) }
        return await making(of: snapshot, department).value
    }

    private func making(of snapshot: BoardSnapshot, _ department: String?) -> Task<Value, Never> {
        // Each reader awaits it; a reader that leaves doesn't end it, since others may wait too.
        let start = { [make] in Task.detached { make(snapshot, department) } }
        if let tag, tag.lineage == snapshot.lineage, tag.revision > snapshot.revision { return start() }
        if tag != snapshot.tag {
            tag = snapshot.tag
            values.removeAll(keepingCapacity: true)
        }
        if let known = values[department] { return known }
        let value = start()
        values[department] = value
        return value
    }
}
