// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Wire

/// Messages that wait for a row which somebody else has locked, with everything that came after them from the same unit or of
/// the same person. Pure; whoever fills it bounds it.
struct HeldBack: Sendable {
    /// What two messages must share for their order to count.
    enum Key: Hashable, Sendable {
        case faculty(FacultyID)
        case unit(UnitID)
    }

    /// Messages that keep their order among themselves, and with nobody else's.
    struct Group: Sendable {
        fileprivate(set) var keys: Set<Key>
        fileprivate var waiting: [(number: Int, arrival: Arrival)]

        var arrivals: [Arrival] { waiting.map(\.arrival) }
        /// Stays the same as long as the group has not been written in part.
        var number: Int { waiting.first?.number ?? 0 }
    }

    private(set) var groups: [Group] = []
    private var next = 0

    var isEmpty: Bool { groups.isEmpty }
    var count: Int { groups.reduce(0) { $0 + $1.waiting.count } }

    /// Arrival of the message that has waited longest.
    var oldest: Timestamp? { groups.compactMap { $0.waiting.first?.arrival.delivery.arrivedAt }.min() }

    /// Whether a message with these keys has to wait behind another.
    func concerns(_ keys: Set<Key>) -> Bool { groups.contains { !$0.keys.isDisjoint(with: keys) } }

    /// Must be called in the order of arrival.
    mutating func hold(_ arrival: Arrival, _ keys: Set<Key>) {
        var group = Group(keys: keys, waiting: [])
        // It may join what stood apart: a unit that has moved to another desk.
        for other in groups where !other.keys.isDisjoint(with: keys) {
            group.keys.formUnion(other.keys)
            group.waiting += other.waiting
        }
        groups.removeAll { !$0.keys.isDisjoint(with: keys) }
        group.waiting.append((next, arrival))
        group.waiting.sort { $0.number < $1.number }
        next += 1
        groups.append(group)
    }

    /// The first `count` messages of a group are written.
    mutating func drop(_ count: Int, of group: Group) {
        guard let index = groups.firstIndex(where: { $0.number == group.number }) else { return }
        groups[index].waiting.removeFirst(min(count, groups[index].waiting.count))
        if groups[index].waiting.isEmpty { groups.remove(at: index) }
    }

    /// Everything, in the order of arrival.
    mutating func takeAll() -> [Arrival] {
        defer { groups = [] }
        return groups.flatMap(\.waiting).sorted { $0.number < $1.number }.map(\.arrival)
    }
}

extension HeldBack.Key {
    /// The unit that a message comes from and the person that it is about, who may be known by the unit's assignment alone.
    static func keys(of message: Message, in world: World) -> Set<HeldBack.Key> {
        let isAnonymous = message.topic == .professorStatus && message.names.faculty == nil
        let sender = isAnonymous ? world.professorStatusSender : nil
        let unit = message.unit ?? sender.map(UnitID.init(dialect1:))
        let people = [message.names.faculty, sender, unit.flatMap { world.units[$0]?.faculty }]
        return Set(people.compactMap { $0.map(HeldBack.Key.faculty) }).union(unit.map { [.unit($0)] } ?? [])
    }
}
