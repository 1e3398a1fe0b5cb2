// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Logging
import Rules
import Store
import Synchronization
import Wire

/// The messages that wait for a row which another program has locked, and the moments at which they are tried again.
///
/// The sequencer alone puts messages in and takes them out. `pause` runs beside it, and any thread may read; a short
/// lock.
final class LockedRows: Sendable {
    private struct State: Sendable {
        var held: HeldBack
        /// How often the messages were tried in vain.
        var attempts = 0
        /// Whether a pause is under way, which will set `isDue`.
        var isTimed = false
        /// Whether the messages are to be tried again.
        var isDue = false
        var lines = LineBudget(1)
    }

    private let store: Store
    private let logger: Logger
    private let backoff: CommitBackoff
    private let progress: CommitProgress
    private let limits: QueueLimits
    private let state: Mutex<State>

    init(store: Store, logger: Logger, backoff: CommitBackoff, progress: CommitProgress, limits: QueueLimits) {
        self.store = store
        self.logger = logger
        self.backoff = backoff
        self.progress = progress
        self.limits = limits
        state = Mutex(State(held: HeldBack(limits: limits)))
    }

    var isEmpty: Bool { state.withLock(\.held.isEmpty) }
    var isDue: Bool { state.withLock(\.isDue) }
    var backlog: Backlog { state.withLock { Backlog(count: $0.held.count, oldest: $0.held.oldest) } }

    /// How many more messages may wait here, so that a batch of no more can be held back whole.
    var room: Int {
        state.withLock { state in
            state.held.bytes < limits.bytes ? max(0, limits.messages - state.held.count) : 0
        }
    }

    /// Reads which units and people the messages concern, as the units are assigned now. Nil if the task is cancelled
    /// before the database can say.
    func keys(of batch: [DecodedArrival]) async -> [Set<HeldBack.Key>]? {
        var needed = WorldKeys()
        for arrival in batch {
            let keys = arrival.message.keys
            needed.units.formUnion(keys.units)
            needed.needsProfessorStatusSender = needed.needsProfessorStatusSender || keys.needsProfessorStatusSender
        }
        var attempt = 0
        while !Task.isCancelled {
            do {
                let world = try await store.read { [needed] in try WorldRepository($0).load(needed) }
                progress.note(nil)
                return batch.map { HeldBack.Key.keys(of: $0.message, in: world) }
            } catch is CancellationError {
                return nil
            } catch let error where !error.isOfDatabase {
                // A row that can't be read stays so: what the messages say of themselves must do.
                return batch.map { HeldBack.Key.keys(of: $0.message, in: World()) }
            } catch {
                attempt += 1
                progress.note(error)
                progress.complain("Whom messages are about could not be read", error, attempt, batch.count)
                await backoff.pause(attempt)
            }
        }
        return nil
    }

    /// Whether a message with these keys has to wait behind another.
    func concerns(_ keys: Set<HeldBack.Key>) -> Bool { state.withLock { $0.held.concerns(keys) } }

    /// Holds a message back; must be called in the order of arrival. Returns the messages beyond their lane's share,
    /// which no longer wait.
    func hold(_ arrival: DecodedArrival, _ keys: Set<HeldBack.Key>) -> [DecodedArrival] {
        state.withLock { $0.held.hold(arrival, keys) }
    }

    /// Warns that a message has found its row locked, once a minute.
    func warn(of arrival: DecodedArrival) {
        let now = store.now
        guard let withheld = state.withLock({ $0.lines.take(at: now) }) else { return }
        logger.warning(
            "Another program has locked a row: messages that need it wait, the others go on",
            metadata: ["topic": "\(arrival.topic)", "withheld": "\(withheld)"])
    }

    /// Returns the groups that are to be tried again now; none if the pause before that has not ended. They stay here
    /// until they are dropped.
    func takeDue() -> [HeldBack.Group] {
        state.withLock { state in
            defer { state.isDue = false }
            return state.isDue ? state.held.groups : []
        }
    }

    /// Drops the first `count` messages of a group, which are written.
    func drop(_ count: Int, of group: HeldBack.Group) {
        state.withLock { state in
            state.held.drop(count, of: group)
            if count > 0 { state.attempts = 0 }
        }
    }

    /// Returns true if the caller has to run `pause`, since messages wait and nothing else will make them due.
    func beginPause() -> Bool {
        state.withLock { state in
            guard !state.held.isEmpty, !state.isTimed, !state.isDue else { return false }
            state.attempts += 1
            state.isTimed = true
            return true
        }
    }

    /// Waits, the longer the more often the messages were tried in vain, and makes them due.
    func pause() async {
        await backoff.pause(state.withLock(\.attempts))
        state.withLock { state in
            state.isTimed = false
            state.isDue = true
        }
    }

    /// Takes everything, in the order of arrival.
    func takeAll() -> [DecodedArrival] { state.withLock { $0.held.takeAll() } }
}

/// Messages that are held back, with everything that came after them from the same unit or of the same person. Pure.
///
/// At QoS 0 a lane has its share here as in the queue, so that the flood of a unit whose row is locked doesn't take the
/// room of all others.
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

    /// Drops the first `count` messages of a group.
    mutating func drop(_ count: Int, of group: Group) {
        guard let index = groups.firstIndex(where: { $0.number == group.number }) else { return }
        groups[index].waiting.removeFirst(min(count, groups[index].waiting.count))
        if groups[index].waiting.isEmpty { groups.remove(at: index) }
    }

    /// Takes everything, in the order of arrival.
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
    /// Returns the unit that a message comes from and the people that it is about: the unit's assignment alone may tell
    /// of a person.
    fileprivate static func keys(of message: Message, in world: World) -> Set<HeldBack.Key> {
        let isAnonymous = message.topic == .professorStatus && message.names.faculty == nil
        let sender = isAnonymous ? world.professorStatusSender : nil
        let unit = message.unit ?? sender.map(UnitID.init(dialect1:))
        let people = [message.names.faculty, sender, unit.flatMap { world.units[$0]?.faculty }]
        return Set(people.compactMap { $0.map(HeldBack.Key.faculty) }).union(unit.map { [.unit($0)] } ?? [])
    }
}
