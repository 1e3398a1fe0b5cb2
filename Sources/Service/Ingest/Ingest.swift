// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
package import Logging
import Metrics
package import SQL
package import Store
import Synchronization
package import Tracing

/// Ingest is the door for messages, and the sequencer behind it: it queues what arrives, takes whatever has arrived as
/// one batch, and has `BatchCommitter` write that before it takes the next, so the next gathers meanwhile. No timer, no
/// locks: per-faculty order follows.
///
/// Back-pressure: `submit` waits while the queue is full, so its caller stops reading.
package final class Ingest: Sendable {
    private enum Phase: Sendable, Hashable {
        case open
        /// Nothing is taken any more; what is queued is written.
        case draining
        /// Nothing is taken any more; what is queued stays with the broker.
        case closed
    }

    /// What the sequencer and the callers of `submit` share.
    private struct State: Sendable {
        var phase = Phase.open
        var queue: ArrivalQueue
        var waitingForRoom: [CheckedContinuation<Void, Never>] = []

        mutating func takeWaiting() -> [CheckedContinuation<Void, Never>] {
            defer { waitingForRoom = [] }
            return waitingForRoom
        }
    }

    private let store: Store
    private let logger: Logger
    private let trail: DeliveryTracker
    private let pace: BatchPace
    private let progress: CommitProgress
    private let displaced: DisplacedMessages
    private let locked: LockedRows
    private let committer: BatchCommitter
    private let state: Mutex<State>
    private let arrivals: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    /// `queueLimit` messages wait at most, of 48 MiB together; as many may be held back. See `ArrivalQueue` for the
    /// share of each unit.
    ///
    /// - Parameters:
    ///   - writer: the connection of the leader's term, so that a server that has lost its term can't write.
    ///   - trail: what is committed is noted there, and followed to the screens.
    ///   - pace: what is known of how many messages the database takes at once, from earlier terms.
    package init(
        store: Store, writer: (any Writer)? = nil, trail: DeliveryTracker = DeliveryTracker(), logger: Logger,
        queueLimit: Int = 4096, pace: BatchPace = BatchPace(), retry: CommitBackoff = CommitBackoff()
    ) {
        let limits = QueueLimits(messages: queueLimit)
        self.store = store
        self.logger = logger
        self.trail = trail
        self.pace = pace
        progress = CommitProgress(logger: logger) { store.now }
        displaced = DisplacedMessages(logger: logger) { store.now }
        locked = LockedRows(store: store, logger: logger, backoff: retry, progress: progress, limits: limits)
        committer = BatchCommitter(
            store: store, writer: writer, trail: trail, logger: logger, pace: pace, backoff: retry,
            progress: progress, displaced: displaced, locked: locked)
        state = Mutex(State(queue: ArrivalQueue(limits: limits)))
        (arrivals, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Hands over one message. Returns true when it is queued, which may take as long as the queue is full, or
    /// displaced: at QoS 0 a unit beyond its share makes no other wait. False at the end of `run()`, or when the caller
    /// is cancelled, without having queued it: then it is never settled, and the broker still has it unless it is of
    /// QoS 0: see `leave(behind:)`.
    @discardableResult
    package func submit(_ arrival: Arrival) async -> Bool {
        while !Task.isCancelled {
            // In one step: what was queued after the phase had changed would be neither written nor counted as left.
            guard let offer = state.withLock({ $0.phase == .open ? $0.queue.offer(arrival) : nil }) else {
                return false
            }
            switch offer {
            case .queued:
                wake.yield()
                return true
            case .inPlaceOf(let older):
                displaced.displace(older, .newerWords)
                wake.yield()
                return true
            case .overShare:
                displaced.displace([arrival], .answersTooMany)
                return true
            case .full:
                await room(for: arrival)
            }
        }
        return false
    }

    /// Returns when there may be room again, at the end of `run()`, or when the caller is cancelled.
    private func room(for arrival: Arrival) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let goesOn = state.withLock { state in
                    guard !state.queue.hasRoom(for: arrival), state.phase == .open, !Task.isCancelled else {
                        return true
                    }
                    state.waitingForRoom.append(continuation)
                    return false
                }
                if goesOn { continuation.resume() }
            }
        } onCancel: {
            // The other waiters look again, and wait on.
            release(state.withLock { $0.takeWaiting() })
        }
    }

    /// Judges and writes until cancelled, until its writer's term is over, or until all is written after `drain()`. One
    /// call at a time. What is queued then is not settled: the broker still has it, but for QoS 0, which is counted.
    package func run() async {
        await withDiscardingTaskGroup { timers in
            for await _ in arrivals {
                repeat {
                    if let batch = nextBatch() { conclude(await committer.commit(batch)) }
                    progress.end()
                    if goesOn { conclude(await committer.tryLocked()) }
                    progress.end()
                    if locked.beginPause() {
                        timers.addTask {
                            await self.locked.pause()
                            self.wake.yield()
                        }
                    }
                } while goesOn && hasWork
                if !goesOn || isDone { break }
            }
            timers.cancelAll()
        }
        let (queued, waiting) = state.withLock { state in
            state.phase = .closed
            return (state.queue.take(.max), state.takeWaiting())
        }
        release(waiting)
        abandon(locked.takeAll().map(\.arrival) + queued)
    }

    /// Takes nothing more; `run()` ends when what is queued is written.
    package func drain() {
        release(
            state.withLock { state in
                if state.phase == .open { state.phase = .draining }
                return state.takeWaiting()
            })
        wake.yield()
    }

    private var goesOn: Bool { !Task.isCancelled && state.withLock { $0.phase != .closed } }

    /// Whether something can be done at once.
    private var hasWork: Bool {
        let hasRoom = locked.room > 0
        return locked.isDue || (hasRoom && state.withLock { !$0.queue.isEmpty })
    }

    /// Whether all is written that ever will be.
    private var isDone: Bool {
        let waits = !locked.isEmpty
        return state.withLock { $0.phase == .closed || ($0.phase == .draining && $0.queue.isEmpty && !waits) }
    }

    /// Takes what is to be committed next; nil if nothing waits, or if so many messages wait for locked rows that the
    /// batch might find no room there.
    ///
    /// Bounded in bytes too, so that no message waits long behind a few large ones.
    private func nextBatch() -> [Arrival]? {
        let most = min(pace.most, locked.room)
        let (batch, waiting) = state.withLock { state in
            let batch = state.queue.take(most, bytes: Self.batchBytes)
            progress.begin(batch)
            return (batch, state.takeWaiting())
        }
        release(waiting)
        return batch.isEmpty ? nil : batch
    }

    private static let batchBytes = 2 << 20

    private func conclude(_ outcome: BatchCommitter.Outcome) {
        switch outcome {
        case .done: return
        case .cancelled(let left): abandon(left)
        case .notLeader(let left):
            state.withLock { $0.phase = .closed }
            abandon(left)
        }
    }

    private func release(_ waiting: [CheckedContinuation<Void, Never>]) {
        for continuation in waiting { continuation.resume() }
    }

    private func abandon(_ arrivals: some Collection<Arrival>) {
        leave(behind: arrivals.count, ofThemOnceOnly: arrivals.count(where: \.mayBeDisplaced))
    }

    /// Says and counts messages that will not be committed by this sequencer: QoS 0 messages have no other copy.
    package func leave(behind messages: Int, ofThemOnceOnly lost: Int) {
        guard messages > 0 else { return }
        IngestMetrics.lost.increment(by: lost)
        logger.log(
            level: lost > 0 ? .warning : .notice,
            "Messages were not committed: the broker keeps them, but for those of QoS 0, which are lost",
            metadata: ["messages": "\(messages)", "lost": "\(lost)"])
    }

    /// Whether messages are committed, and soon enough.
    package func check(behindAfter limit: Domain.Span = .seconds(5)) -> HealthCheck {
        let now = store.now
        // Under the lock of the queue: see `CommitProgress`.
        let failure = state.withLock { state in
            progress.trouble(at: now, behindAfter: limit, queued: state.queue.backlog) { locked.backlog }
        }
        return HealthCheck(name: "ingest", failure: failure)
    }

    /// What messages are traced with on their way here; nil if nothing is traced.
    package var tracer: (any Tracer)? { trail.tracer }
}
