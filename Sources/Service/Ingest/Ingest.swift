// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
package import Logging
import Metrics
package import Store
import Synchronization
import Wire

/// The sequencer: takes whatever has arrived, judges it in order of arrival, writes one transaction, and settles it all
/// after the commit; by then the next batch waits. No timer, no locks: per-faculty order follows.
///
/// Back-pressure: `submit` waits while the queue is full, so its caller stops reading.
package final class Ingest: Sendable {
    private let store: Store
    private let logger: Logger
    private let batchLimit: Int
    private let retry: RetryPolicy
    private let state: Mutex<State>
    private let arrivals: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    private struct State {
        var queue: ArrivalQueue
        var waitingForRoom: [CheckedContinuation<Void, Never>] = []
        var failing: HealthCheck.Failure?
        var underWay: Timestamp?
        /// Nothing is taken any more; what is queued stays with the broker.
        var isClosed = false

        mutating func takeWaiting() -> [CheckedContinuation<Void, Never>] {
            defer { waitingForRoom = [] }
            return waitingForRoom
        }
    }

    /// `queueLimit` messages wait at most; a batch takes at most `batchLimit` of them.
    package init(
        store: Store, logger: Logger, queueLimit: Int = 4096, batchLimit: Int = 512, retry: RetryPolicy = RetryPolicy()
    ) {
        self.store = store
        self.logger = logger
        self.batchLimit = batchLimit
        self.retry = retry
        state = Mutex(State(queue: ArrivalQueue(limit: queueLimit)))
        (arrivals, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Hands over one message. Returns when it is queued, which may take as long as the queue is full; at the end of `run()`,
    /// or when the caller is cancelled, without having queued it: then it is never settled, and the broker still has it.
    package func submit(_ arrival: Arrival) async {
        while !Task.isCancelled, !state.withLock(\.isClosed) {
            switch state.withLock({ $0.queue.offer(arrival) }) {
            case .queued:
                wake.yield()
                return
            case .displaced(let older):
                IngestMetrics.displaced.increment()
                older.settle(.displaced)
                wake.yield()
                return
            case .full:
                await room()
            }
        }
    }

    /// Returns when there may be room again, at the end of `run()`, or when the caller is cancelled.
    private func room() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let goesOn = state.withLock { state in
                    guard !state.queue.hasRoom, !state.isClosed, !Task.isCancelled else { return true }
                    state.waitingForRoom.append(continuation)
                    return false
                }
                if goesOn { continuation.resume() }
            }
        } onCancel: {
            // Whoever else waits looks again, and waits on.
            release(state.withLock { $0.takeWaiting() })
        }
    }

    /// Judges and writes until cancelled. One call at a time. What is queued then is not settled: the broker still has it.
    package func run() async {
        for await _ in arrivals {
            while !Task.isCancelled, let batch = nextBatch() { await apply(batch) }
            if Task.isCancelled { break }
        }
        release(
            state.withLock { state in
                state.isClosed = true
                return state.takeWaiting()
            })
    }

    private func nextBatch() -> [Arrival]? {
        let (batch, waiting) = state.withLock { state in
            let batch = state.queue.take(batchLimit)
            state.underWay = batch.first?.delivery.arrivedAt
            return (batch, state.takeWaiting())
        }
        release(waiting)
        return batch.isEmpty ? nil : batch
    }

    private func release(_ waiting: [CheckedContinuation<Void, Never>]) {
        for continuation in waiting { continuation.resume() }
    }

    /// Writes one batch, however long the database takes to be there again: nothing is settled before it is durable.
    ///
    /// A batch that fails on data is taken apart: each message is tried in a transaction of its own, so that one can't undo
    /// another's; one that fails alone is refused.
    private func apply(_ batch: [Arrival]) async {
        do {
            settle(batch, try await committing(batch) { try BatchJudgement.judge(batch, in: $0) })
        } catch is CancellationError {
            return
        } catch {
            guard let arrival = batch.first, batch.count == 1 else {
                for arrival in batch { await apply([arrival]) }
                return
            }
            logger.error(
                "A message could not be stored and is refused",
                metadata: ["topic": "\(arrival.delivery.topic)", "error": "\(error)"])
            await refuse(arrival)
        }
    }

    /// Settles it whatever it takes: acks leave in order, so one that never came would hold back all that follow.
    private func refuse(_ arrival: Arrival) async {
        var attempt = 0
        while !Task.isCancelled {
            do {
                settle(
                    [arrival],
                    try await committing([arrival]) {
                        [try BatchJudgement.refuse(arrival, because: .notStorable, in: $0)]
                    })
                return
            } catch is CancellationError {
                return
            } catch {
                attempt += 1
                note(error)
                logger.error(
                    "A refusal could not be recorded; nothing is acknowledged until it is",
                    metadata: ["topic": "\(arrival.delivery.topic)", "attempt": "\(attempt)", "error": "\(error)"])
                await retry.pause(attempt)
            }
        }
    }

    /// Commits, trying again for as long as the database and not the data is at fault. Throws what the data is at fault for, or
    /// `CancellationError`.
    private func committing(
        _ batch: [Arrival], _ body: @escaping @Sendable (Transaction) throws -> [Verdict]
    ) async throws -> Store.Committed<[Verdict]> {
        var attempt = 0
        while !Task.isCancelled {
            do {
                let committed = try await store.write(body)
                note(nil)
                return committed
            } catch let error where !ErrorKind(error).isTransient {
                throw error
            } catch {
                attempt += 1
                IngestMetrics.retries.increment()
                note(error)
                logger.error(
                    "A batch could not be committed; nothing is acknowledged until it is",
                    metadata: ["messages": "\(batch.count)", "attempt": "\(attempt)", "error": "\(error)"])
                await retry.pause(attempt)
            }
        }
        throw CancellationError()
    }

    private func settle(_ batch: [Arrival], _ committed: Store.Committed<[Verdict]>) {
        let now = store.now
        for (arrival, verdict) in zip(batch, committed.value) {
            arrival.settle(.committed(verdict, revision: committed.revision))
            IngestMetrics.count(verdict, waited: now - arrival.delivery.arrivedAt)
        }
        IngestMetrics.batch.record(batch.count)
        logger.debug(
            "Atomically updated status for faculty",
            metadata: ["messages": "\(batch.count)", "revision": "\(committed.revision)"])
        state.withLock { $0.underWay = nil }
    }

    private func note(_ error: (any Error)?) {
        let now = store.now
        state.withLock { state in
            state.failing = error.map { .init(detail: "\($0)", since: state.failing?.since ?? now) }
        }
    }

    /// Whether messages are committed, and soon enough.
    package func check(behindAfter limit: Span = .seconds(5)) -> HealthCheck {
        let now = store.now
        return state.withLock { state in
            if let failing = state.failing { return HealthCheck(name: "ingest", failure: failing) }
            guard let oldest = state.underWay ?? state.queue.oldest, now - oldest > limit else {
                return HealthCheck(name: "ingest")
            }
            let detail = "\(state.queue.count) messages wait to be committed"
            return HealthCheck(name: "ingest", failure: .init(detail: detail, since: oldest + limit))
        }
    }
}
