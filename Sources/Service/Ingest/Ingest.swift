// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
package import Logging
import Metrics
package import SQL
package import Store
import Synchronization
import Wire

/// The sequencer: takes whatever has arrived, judges it in order of arrival, writes one transaction, and settles it all
/// after the commit; by then the next batch waits. No timer, no locks: per-faculty order follows.
///
/// Back-pressure: `submit` waits while the queue is full, so its caller stops reading.
package final class Ingest: Sendable {
    private let store: Store
    private let writer: (any Writer)?
    private let logger: Logger
    private let batchLimit: Int
    private let retry: RetryPolicy
    /// What is committed is noted there.
    let trail: UpdateTrail
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
        /// Nothing is taken any more; what is queued is written.
        var isDraining = false

        var takesMore: Bool { !isClosed && !isDraining }
        /// For lines about refusals.
        var refusalLines = LineBudget()

        mutating func takeWaiting() -> [CheckedContinuation<Void, Never>] {
            defer { waitingForRoom = [] }
            return waitingForRoom
        }
    }

    /// `queueLimit` messages wait at most; a batch takes at most `batchLimit` of them.
    ///
    /// - Parameters:
    ///   - writer: the connection that all is written on: a leader's, so that who has lost its term can't write.
    ///   - trail: what is committed is noted there, and followed to the screens.
    package init(
        store: Store, writer: (any Writer)? = nil, trail: UpdateTrail = UpdateTrail(), logger: Logger,
        queueLimit: Int = 4096, batchLimit: Int = 512, retry: RetryPolicy = RetryPolicy()
    ) {
        self.store = store
        self.writer = writer
        self.logger = logger
        self.batchLimit = batchLimit
        self.retry = retry
        self.trail = trail
        state = Mutex(State(queue: ArrivalQueue(limit: queueLimit)))
        (arrivals, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Hands over one message. Returns when it is queued, which may take as long as the queue is full; at the end of `run()`,
    /// or when the caller is cancelled, without having queued it: then it is never settled, and the broker still has it.
    package func submit(_ arrival: Arrival) async {
        while !Task.isCancelled, state.withLock(\.takesMore) {
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
                    guard !state.queue.hasRoom, state.takesMore, !Task.isCancelled else { return true }
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

    /// Judges and writes until cancelled, until its writer's term is over, or until all is written after `drain()`. One call at
    /// a time. What is queued then is not settled: the broker still has it, but for QoS 0, which is counted.
    package func run() async {
        for await _ in arrivals {
            let isLast = state.withLock(\.isDraining)
            while goesOn, let batch = nextBatch() { await apply(batch) }
            if isLast || !goesOn { break }
        }
        let (left, waiting) = state.withLock { state in
            state.isClosed = true
            return (state.queue.take(.max), state.takeWaiting())
        }
        release(waiting)
        abandon(left)
    }

    /// Takes nothing more; `run()` ends when what is queued is written.
    package func drain() {
        release(
            state.withLock { state in
                state.isDraining = true
                return state.takeWaiting()
            })
        wake.yield()
    }

    /// What is left behind: said and counted.
    private func abandon(_ arrivals: [Arrival]) {
        guard !arrivals.isEmpty else { return }
        let lost = arrivals.count(where: \.mayBeDisplaced)
        IngestMetrics.lost.increment(by: lost)
        logger.log(
            level: lost > 0 ? .warning : .notice,
            "Messages were not committed: the broker keeps them, but for those of QoS 0, which are lost",
            metadata: ["messages": "\(arrivals.count)", "lost": "\(lost)"])
    }

    private var goesOn: Bool { !Task.isCancelled && !state.withLock(\.isClosed) }

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
            try await commit(batch) { try BatchJudgement.judge(batch, in: $0) }
        } catch is CancellationError {
            abandon(batch)
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
        while goesOn {
            do {
                try await commit([arrival]) { [try BatchJudgement.refuse(arrival, because: .notStorable, in: $0)] }
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

    /// Commits, then settles, all in one span.
    private func commit(
        _ batch: [Arrival], _ body: @escaping @Sendable (Transaction) throws -> [Verdict]
    ) async throws {
        let trace = BatchTrace(batch, trail.tracer)
        var revision: Revision?
        defer { trace.end(revision?.number) }
        try await trace.context.within {
            let began = ContinuousClock.now
            let committed = try await committing(batch, trace, body)
            IngestMetrics.commit.record(duration: ContinuousClock.now - began)
            revision = committed.revision
            settle(batch, committed, trace)
        }
    }

    /// Commits, trying again for as long as the database and not the data is at fault. Throws what the data is at fault for, or
    /// `CancellationError`.
    private func committing(
        _ batch: [Arrival], _ trace: BatchTrace, _ body: @escaping @Sendable (Transaction) throws -> [Verdict]
    ) async throws -> Store.Committed<[Verdict]> {
        var attempt = 0
        while goesOn {
            do {
                let committed = try await store.write(via: writer) { transaction in
                    trace.runs(on: transaction.connection.dialect)
                    return try body(transaction)
                }
                note(nil)
                return committed
            } catch let error as SQLError where error.code == .notLeader {
                state.withLock { $0.isClosed = true }
                throw CancellationError()
            } catch let error as SQLError where error.code == .timeout && batch.count == 1 && attempt < Self.timeouts {
                // It may have been the machine's fault: a message is refused only when it is slow again and again.
                attempt += 1
                trace.note(error, attempt: attempt)
                await retry.pause(attempt)
            } catch let error where !ErrorKind(error).isTransient {
                throw error
            } catch {
                attempt += 1
                IngestMetrics.retries.increment()
                trace.note(error, attempt: attempt)
                note(error)
                logger.error(
                    "A batch could not be committed; nothing is acknowledged until it is",
                    metadata: ["messages": "\(batch.count)", "attempt": "\(attempt)", "error": "\(error)"])
                await retry.pause(attempt)
            }
        }
        throw CancellationError()
    }

    /// How often a message alone may take longer than a statement may.
    private static let timeouts = 3

    private func settle(_ batch: [Arrival], _ committed: Store.Committed<[Verdict]>, _ trace: BatchTrace) {
        let now = store.now
        if committed.isNew, let first = batch.first {
            trail.committed(committed.revision, arrivedAt: first.delivery.arrivedAt, context: trace.context)
        }
        for (arrival, verdict) in zip(batch, committed.value) {
            arrival.settle(.committed(verdict, revision: committed.revision))
            IngestMetrics.count(verdict, waited: now - arrival.delivery.arrivedAt)
            if case .refused(let refusal) = verdict { tell(of: refusal, arrival, now) }
        }
        IngestMetrics.batch.record(batch.count)
        logger.debug(
            "Atomically updated status for faculty",
            metadata: ["messages": "\(batch.count)", "revision": "\(committed.revision)"])
        state.withLock { $0.underWay = nil }
    }

    /// A line a refusal, as long as there are few; all are counted and recorded anyway.
    private func tell(of refusal: Refusal, _ arrival: Arrival, _ now: Timestamp) {
        guard logger.logLevel <= .info, let withheld = state.withLock({ $0.refusalLines.take(at: now) }) else { return }
        arrival.trace.within {
            logger.info(
                "A message was refused",
                metadata: [
                    "topic": "\(arrival.delivery.topic.prefix(128))", "reason": "\(refusal.reason.rawValue)",
                    "unit": "\(refusal.unit.map { "\($0)" } ?? "-")", "withheld": "\(withheld)",
                ])
        }
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
