// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import DequeModule
import Domain
import Wire

/// What waits to be judged, in the order of arrival. Pure; bounded in messages and in bytes.
///
/// At QoS 0 a lane (see `Lane`) has its share, however much room there is: beyond it a newer word takes the place of
/// the oldest of its lane, and an answer isn't taken, since the answers before it stand. So a unit that floods
/// displaces its own messages and no other unit's. What comes at QoS 1 is never displaced. In a full queue a word may
/// still take the place of one of its lane; everything else must wait, and the caller that offers it stops reading.
struct ArrivalQueue: Sendable {
    enum Offer: Sendable {
        case queued
        /// Queued in the place of these.
        case inPlaceOf([Arrival])
        /// An answer beyond its unit's share: not queued, and it never will be.
        case overShare
        /// Not queued: there is no room yet.
        case full
    }

    /// What waits of one lane at QoS 0.
    private struct Use: Sendable {
        var numbers: Deque<Int> = []
        var bytes = 0
    }

    let limits: QueueLimits
    /// Nil if a message was displaced. The first one is never nil.
    private var entries: Deque<Arrival?> = []
    /// The number of the first entry.
    private var first = 0
    private var lanes: [Lane: Use] = [:]
    private(set) var count = 0
    private(set) var bytes = 0

    init(limits: QueueLimits) {
        self.limits = limits
    }

    init(limit: Int) {
        self.init(limits: QueueLimits(messages: limit))
    }

    var isEmpty: Bool { count == 0 }

    var backlog: Backlog { Backlog(count: count, oldest: entries.first.flatMap { $0 }?.delivery.arrivedAt) }

    func hasRoom(for arrival: Arrival) -> Bool {
        count == 0 || (count < limits.messages && bytes + arrival.weight <= limits.bytes)
    }

    mutating func offer(_ arrival: Arrival) -> Offer {
        guard arrival.mayBeDisplaced else { return append(arrival) }
        let isOver = lanes[arrival.lane].map { use in
            use.numbers.count >= limits.laneMessages || use.bytes + arrival.weight > limits.laneBytes
        }
        guard !arrival.lane.holdsAnswers else { return isOver == true ? .overShare : append(arrival) }
        guard hasRoom(for: arrival) || hasRoomInLane(for: arrival) else { return .full }
        var displaced: [Arrival] = []
        while let use = lanes[arrival.lane],
            use.numbers.count >= limits.laneMessages || use.bytes + arrival.weight > limits.laneBytes
                || !hasRoom(for: arrival)
        {
            displaced.append(contentsOf: removeOldest(of: arrival.lane))
        }
        _ = append(arrival)
        return displaced.isEmpty ? .queued : .inPlaceOf(displaced)
    }

    /// Whether there is room once the lane is empty.
    private func hasRoomInLane(for arrival: Arrival) -> Bool {
        guard let use = lanes[arrival.lane] else { return false }
        return count - use.numbers.count < limits.messages && bytes - use.bytes + arrival.weight <= limits.bytes
    }

    private mutating func append(_ arrival: Arrival) -> Offer {
        guard hasRoom(for: arrival) else { return .full }
        if arrival.mayBeDisplaced {
            lanes[arrival.lane, default: Use()].numbers.append(first + entries.count)
            lanes[arrival.lane]?.bytes += arrival.weight
        }
        entries.append(arrival)
        count += 1
        bytes += arrival.weight
        return .queued
    }

    private mutating func removeOldest(of lane: Lane) -> [Arrival] {
        guard let number = lanes[lane]?.numbers.first, let arrival = entries[number - first] else {
            lanes[lane] = nil
            return []
        }
        entries[number - first] = nil
        forget(arrival)
        dropGaps()
        return [arrival]
    }

    /// The first of its lane is gone.
    private mutating func forget(_ arrival: Arrival) {
        count -= 1
        bytes -= arrival.weight
        guard arrival.mayBeDisplaced else { return }
        lanes[arrival.lane]?.numbers.removeFirst()
        lanes[arrival.lane]?.bytes -= arrival.weight
        if lanes[arrival.lane]?.numbers.isEmpty == true { lanes[arrival.lane] = nil }
    }

    /// Gaps are never more than what waits, or a flood behind a slow database would grow without end.
    private mutating func dropGaps() {
        while let entry = entries.first, entry == nil {
            entries.removeFirst()
            first += 1
        }
        guard entries.count > 2 * count + 64 else { return }
        let waiting = entries.compactMap { $0 }
        self = ArrivalQueue(limits: limits)
        for arrival in waiting { _ = append(arrival) }
    }

    /// The oldest `most` messages, of `bytes` together at most, but one if there is one.
    mutating func take(_ most: Int, bytes limit: Int = .max) -> [Arrival] {
        var (taken, weight): ([Arrival], Int) = ([], 0)
        while taken.count < most, case .some(.some(let arrival)) = entries.first {
            weight += arrival.weight
            guard taken.isEmpty || weight <= limit else { break }
            taken.append(arrival)
            entries.removeFirst()
            first += 1
            forget(arrival)
            dropGaps()
        }
        return taken
    }
}

/// A lane is the share of a queue that a message takes: the messages of one unit on one topic have a share of their
/// own, and all messages on topics where no unit speaks have one together. The topic alone decides it, before a byte of
/// the payload is read.
enum Lane: Hashable, Sendable {
    case topic(Topic)
    case others

    init(_ topic: Topic?) {
        switch topic {
        case .status, .macStatus, .heartbeat, .diagnostics, .professorStatus, .responses, .state, .event:
            self = topic.map(Self.topic) ?? .others
        case .mirror, .messages, .requests, .cancellations, .statusUpdate, .systemNotifications, .command,
            .unreadableID, nil:
            self = .others
        }
    }

    /// Whether answers come here: the first one stands, so a newer one never takes an older one's place.
    var holdsAnswers: Bool {
        switch self {
        case .topic(.responses), .topic(.event): true
        case .topic, .others: false
        }
    }

    /// Nil if no unit is named.
    var unit: UnitID? {
        switch self {
        case .topic(let topic): topic.unit
        case .others: nil
        }
    }
}

/// How much may wait, and how much of it one lane may take at QoS 0, in messages and in bytes.
struct QueueLimits: Sendable, Hashable {
    let messages: Int
    let bytes: Int
    let laneMessages: Int
    let laneBytes: Int

    /// A lane has an eighth of the messages, but 64 at least, and room for sixteen of the largest.
    init(messages: Int, bytes: Int = 48 << 20, laneMessages: Int? = nil, laneBytes: Int = 1 << 20) {
        precondition(messages > 0 && bytes > 0, "a queue without room takes nothing")
        self.messages = messages
        self.bytes = bytes
        self.laneMessages = laneMessages ?? max(64, messages / 8)
        self.laneBytes = laneBytes
    }
}
