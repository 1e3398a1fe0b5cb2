// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Rules
import Wire

/// Messages that wait for a row which another program has locked, with everything that came after them from the same
/// unit or of the same person. Pure; `IngestState` takes nothing more while as much is held back as may wait, and at
/// QoS 0 a lane has its share here as in the queue, so that the flood of one whose row is locked doesn't take the room
/// of all others.
struct HeldBack: Sendable {
    /// What two messages must share for their order to count.
    enum Key: Hashable, Sendable {
        case faculty(FacultyID)
        case unit(UnitID)
    }

    /// Messages that keep their order among themselves, and with no others.
    struct Group: Sendable {
        fileprivate(set) var keys: Set<Key>
        fileprivate var waiting: [(number: Int, arrival: DecodedArrival)]

        var arrivals: [DecodedArrival] { waiting.map(\.arrival) }
        /// Stays the same as long as the group has not been written in part.
        var number: Int { waiting.first?.number ?? 0 }
    }

    private(set) var groups: [Group] = []
    private let limits: QueueLimits
    private var next = 0

    init(limits: QueueLimits = QueueLimits(messages: 4096)) {
        self.limits = limits
    }

    var isEmpty: Bool { groups.isEmpty }
    var count: Int { groups.reduce(0) { $0 + $1.waiting.count } }
    var bytes: Int { groups.reduce(0) { $1.waiting.reduce($0) { $0 + $1.arrival.arrival.weight } } }

    /// Arrival of the message that has waited longest.
    var oldest: Timestamp? { groups.compactMap { $0.waiting.first?.arrival.delivery.arrivedAt }.min() }

    /// Whether a message with these keys has to wait behind another.
    func concerns(_ keys: Set<Key>) -> Bool { groups.contains { !$0.keys.isDisjoint(with: keys) } }

    /// Must be called in the order of arrival. Returns the messages beyond their lane's share, which the queue no
    /// longer holds.
    mutating func hold(_ arrival: DecodedArrival, _ keys: Set<Key>) -> [DecodedArrival] {
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
        let displaced = group.displace(in: arrival.arrival.lane, limits)
        groups.append(group)
        return displaced
    }

    /// The first `count` messages of a group are written.
    mutating func drop(_ count: Int, of group: Group) {
        guard let index = groups.firstIndex(where: { $0.number == group.number }) else { return }
        groups[index].waiting.removeFirst(min(count, groups[index].waiting.count))
        if groups[index].waiting.isEmpty { groups.remove(at: index) }
    }

    /// Everything, in the order of arrival.
    mutating func takeAll() -> [DecodedArrival] {
        defer { groups = [] }
        return groups.flatMap(\.waiting).sorted { $0.number < $1.number }.map(\.arrival)
    }
}

extension HeldBack.Group {
    /// Takes out what the lane, of which the newest message has just come, has beyond its share: the oldest words, or
    /// the newest answer.
    fileprivate mutating func displace(in lane: Lane, _ limits: QueueLimits) -> [DecodedArrival] {
        let sharing = waiting.indices.filter {
            waiting[$0].arrival.arrival.mayBeDisplaced && waiting[$0].arrival.arrival.lane == lane
        }
        var bytes = sharing.reduce(0) { $0 + waiting[$1].arrival.arrival.weight }
        var count = sharing.count
        var displaced: [Int] = []
        for index in lane.holdsAnswers ? sharing.reversed() : sharing
        where count > 1 && (count > limits.laneMessages || bytes > limits.laneBytes) {
            displaced.append(index)
            bytes -= waiting[index].arrival.arrival.weight
            count -= 1
        }
        guard !displaced.isEmpty else { return [] }
        let arrivals = displaced.map { waiting[$0].arrival }
        for index in displaced.sorted(by: >) { waiting.remove(at: index) }
        return arrivals
    }
}

extension HeldBack.Key {
    /// The unit that a message comes from and the person that it is about, who may be known by the unit's assignment
    /// alone.
    static func keys(of message: Message, in world: World) -> Set<HeldBack.Key> {
        let isAnonymous = message.topic == .professorStatus && message.names.faculty == nil
        let sender = isAnonymous ? world.professorStatusSender : nil
        let unit = message.unit ?? sender.map(UnitID.init(dialect1:))
        let people = [message.names.faculty, sender, unit.flatMap { world.units[$0]?.faculty }]
        return Set(people.compactMap { $0.map(HeldBack.Key.faculty) }).union(unit.map { [.unit($0)] } ?? [])
    }
}
