// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import DequeModule
import Domain
import Wire

/// What units are still to be told: each in its order, one unit after the other. Pure; see `ReplyQueue` for its bounds.
struct ReplyTurns: Sendable {
    private let limit: Int
    private let share: Int
    private var waiting: [UnitID: Deque<OwedReply>] = [:]
    /// Units with replies, the next one first.
    private var order: Deque<UnitID> = []
    private(set) var count = 0

    init(limit: Int, share: Int) {
        precondition(limit > 0 && share > 0, "a queue without room takes nothing")
        self.limit = limit
        self.share = share
    }

    /// Whether another reply was dropped for it.
    mutating func append(_ owed: OwedReply) -> Bool {
        let unit = owed.reply.unit
        if waiting[unit] == nil { order.append(unit) }
        waiting[unit, default: []].append(owed)
        count += 1
        let own = waiting[unit]?.count ?? 0
        guard own > share || count > limit else { return false }
        // Each unit is within its share here, so the next unit is the one that has waited longest.
        let loser = own > 1 ? unit : order.first ?? unit
        drop(loser)
        return true
    }

    mutating func next() -> OwedReply? {
        guard let unit = order.popFirst(), let reply = waiting[unit]?.popFirst() else { return nil }
        count -= 1
        if waiting[unit]?.isEmpty == true { waiting[unit] = nil } else { order.append(unit) }
        return reply
    }

    private mutating func drop(_ unit: UnitID) {
        waiting[unit]?.removeFirst()
        count -= 1
        guard waiting[unit]?.isEmpty == true else { return }
        waiting[unit] = nil
        order.removeAll { $0 == unit }
    }
}
