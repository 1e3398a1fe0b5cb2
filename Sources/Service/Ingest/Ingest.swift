// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
package import Logging
import Metrics
package import SQL
package import Store
import Synchronization

/// The sequencer: takes whatever has arrived, judges it in order of arrival, writes one transaction, and settles it all
/// after the commit; by then the next batch waits. No timer, no locks: per-faculty order follows.
///
/// Back-pressure: `submit` waits while the queue is full, so its caller stops reading.
package final class Ingest: Sendable {
    let store: Store
    let writer: (any Writer)?
    let logger: Logger
    let retry: CommitBackoff
    /// What is committed is noted there.
    let trail: DeliveryTracker
    /// How many messages go into one transaction.
    let pace: BatchPace
    let state: Mutex<IngestState>
    private let arrivals: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    /// `queueLimit` messages wait at most, of 48 MiB together; as many may be held back. See `ArrivalQueue` for the
    /// share of each unit.
    ///
    /// - Parameters:
    ///   - writer: the connection that all is written on: a leader's, so that who has lost its term can't write.
    ///   - trail: what is committed is noted there, and followed to the screens.
    ///   - pace: what is known of how many messages the database takes at once, from earlier terms.
    package init(
        store: Store, writer: (any Writer)? = nil, trail: DeliveryTracker = DeliveryTracker(), logger: Logger,
        queueLimit: Int = 4096, pace: BatchPace = BatchPace(), retry: CommitBackoff = CommitBackoff()
    ) {
        self.store = store
        self.writer = writer
        self.logger = logger
        self.pace = pace
        self.retry = retry
        self.trail = trail
        state = Mutex(IngestState(limits: QueueLimits(messages: queueLimit)))
        (arrivals, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Hands over one message. Returns true when it is queued, which may take as long as the queue is full, or
    /// displaced: at QoS 0 a unit beyond its share makes no other wait. False at the end of `run()`, or when the caller
    /// is cancelled, without having queued it: then it is never settled, and the broker still has it unless it is of
    /// QoS 0: see `leave(behind:)`.
    @discardableResult
    package func submit(_ arrival: Arrival) async -> Bool {
        while !Task.isCancelled, state.withLock({ $0.phase == .open }) {
            switch state.withLock({ $0.queue.offer(arrival) }) {
            case .queued:
                wake.yield()
                return true
            case .inPlaceOf(let older):
                displace(older, .newerWords)
                wake.yield()
                return true
            case .overShare:
                displace([arrival], .answersTooMany)
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
                    if let batch = nextBatch() { await apply(batch) }
                    state.withLock { $0.endBatch() }
                    await tryHeld()
                    state.withLock { $0.endBatch() }
                    if state.withLock({ $0.timesHeld() }) {
                        timers.addTask {
                            await self.pauseForHeld()
                            self.wake.yield()
                        }
                    }
                } while goesOn && state.withLock(\.hasWork)
                if !goesOn || state.withLock(\.isDone) { break }
            }
            timers.cancelAll()
        }
        let (left, waiting) = state.withLock { state in
            state.phase = .closed
            state.endBatch()
            return (state.takeAll(), state.takeWaiting())
        }
        release(waiting)
        abandon(left)
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

    var goesOn: Bool { !Task.isCancelled && state.withLock { $0.phase != .closed } }

    private func nextBatch() -> [DecodedArrival]? {
        let (batch, waiting) = state.withLock { ($0.takeBatch(pace.most), $0.takeWaiting()) }
        release(waiting)
        return batch.isEmpty ? nil : DecodedArrival.decode(batch)
    }

    /// Counts and logs messages that will not be read; the next batch records them.
    func displace(_ arrivals: some Collection<Arrival>, _ reason: IngestMetrics.Displacement) {
        guard let lane = arrivals.first?.lane else { return }
        let now = store.now
        let withheld = state.withLock { state in
            for arrival in arrivals { state.noteDisplaced(arrival.lane.unit) }
            return state.shareLines.take(at: now)
        }
        IngestMetrics.count(reason, arrivals.count)
        for arrival in arrivals { arrival.settle(.displaced) }
        guard let withheld else { return }
        logger.warning(
            "A unit says more at QoS 0 than its share of the queue: its own messages are displaced",
            metadata: ["unit": "\(lane.unit.map { "\($0)" } ?? "-")", "withheld": "\(withheld)"])
    }

    private func release(_ waiting: [CheckedContinuation<Void, Never>]) {
        for continuation in waiting { continuation.resume() }
    }

    /// What is left behind: said and counted.
    func abandon(_ arrivals: some Collection<Arrival>) {
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
    package func check(behindAfter limit: Span = .seconds(5)) -> HealthCheck {
        let now = store.now
        return HealthCheck(name: "ingest", failure: state.withLock { $0.trouble(at: now, behindAfter: limit) })
    }
}
