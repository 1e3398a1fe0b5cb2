// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Wire

/// What the sequencer and those who hand over messages share, behind one lock.
struct IngestState: Sendable {
    enum Phase: Sendable, Hashable {
        case open
        /// Nothing is taken any more; what is queued is written.
        case draining
        /// Nothing is taken any more; what is queued stays with the broker.
        case closed
    }

    var phase = Phase.open
    var queue: ArrivalQueue
    var waitingForRoom: [CheckedContinuation<Void, Never>] = []
    /// The batch that is being written. There from `takeBatch` to `endBatch`, so that it tells of none that has ended.
    private(set) var underWay: BatchUnderWay?
    /// What the attempt under way fails with. Ends with the attempt, whatever comes of it.
    var failing: HealthCheck.Failure?

    struct BatchUnderWay: Sendable, Hashable {
        /// Arrival of its first message that is not settled.
        var oldest: Timestamp
        /// Its messages that are not settled.
        var count: Int
    }

    var held: HeldBack
    /// How often what is held back was tried in vain.
    var heldAttempts = 0
    /// Whether something will set `isHeldDue`.
    var isHeldTimed = false
    /// Whether what is held back is to be tried again.
    var isHeldDue = false

    /// For lines about refusals.
    var refusalLines = LineBudget()
    /// For lines about commits that fail: one in each minute.
    var failureLines = LineBudget(1)
    /// For lines about locked rows.
    var lockLines = LineBudget(1)
    /// For lines about units that say more than their share.
    var shareLines = LineBudget(1)

    /// What was displaced and is still to be recorded.
    private var displaced = DisplacedCounts()

    init(limits: QueueLimits) {
        queue = ArrivalQueue(limits: limits)
        held = HeldBack(limits: limits)
    }

    mutating func noteDisplaced(_ unit: UnitID?) { displaced.add(unit) }

    /// To be recorded with the next transaction; given back by `restore` if that fails.
    mutating func takeDisplaced() -> DisplacedCounts {
        defer { displaced = DisplacedCounts() }
        return displaced
    }

    mutating func restore(_ counts: DisplacedCounts) { displaced.add(counts) }

    mutating func takeWaiting() -> [CheckedContinuation<Void, Never>] {
        defer { waitingForRoom = [] }
        return waitingForRoom
    }

    /// What is to be committed next; empty if nothing waits, or if so much is held back that nothing more may be.
    ///
    /// Bounded in bytes too, so that no message waits long behind a few large ones.
    mutating func takeBatch(_ most: Int) -> [Arrival] {
        guard holdsMore else { return [] }
        let batch = queue.take(min(most, queue.limits.messages - held.count), bytes: Self.batchBytes)
        underWay = batch.first.map { BatchUnderWay(oldest: $0.delivery.arrivedAt, count: batch.count) }
        return batch
    }

    private static let batchBytes = 2 << 20

    /// Whether all that is taken may be held back, if it must.
    private var holdsMore: Bool { held.count < queue.limits.messages && held.bytes < queue.limits.bytes }

    /// Of the batch that was taken, these are left to be written.
    mutating func goOn(with rest: some Collection<DecodedArrival>) {
        underWay = rest.first.map { BatchUnderWay(oldest: $0.delivery.arrivedAt, count: rest.count) }
    }

    /// The batch that was taken is written, held back or left behind; and so are those of an attempt with what was held
    /// back.
    mutating func endBatch() {
        underWay = nil
        failing = nil
    }

    /// Whether the held-back messages must wait before the next try.
    mutating func timesHeld() -> Bool {
        guard !held.isEmpty, !isHeldTimed, !isHeldDue else { return false }
        heldAttempts += 1
        isHeldTimed = true
        return true
    }

    /// Whether something can be done at once.
    var hasWork: Bool { isHeldDue || (!queue.isEmpty && holdsMore) }

    /// Whether all is written that ever will be.
    var isDone: Bool { phase == .closed || (phase == .draining && queue.isEmpty && held.isEmpty) }

    /// Everything that is not settled, in the order of arrival.
    mutating func takeAll() -> [Arrival] { held.takeAll().map(\.arrival) + queue.take(.max) }

    /// Why messages are not committed soon enough; nil if they are.
    func trouble(at now: Timestamp, behindAfter limit: Span) -> HealthCheck.Failure? {
        if let failing { return failing }
        if let oldest = held.oldest, now - oldest > limit {
            let detail = "\(held.count) messages wait for a row that another transaction has locked"
            return HealthCheck.Failure(detail: detail, since: oldest + limit)
        }
        guard let oldest = underWay?.oldest ?? queue.oldest, now - oldest > limit else { return nil }
        let count = queue.count + (underWay?.count ?? 0)
        return HealthCheck.Failure(detail: "\(count) messages wait to be committed", since: oldest + limit)
    }
}
