// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Logging
import Synchronization
import Wire

/// So many messages wait somewhere, the oldest of them since `oldest`, which is nil if there are none.
struct Backlog: Sendable, Hashable {
    var count = 0
    var oldest: Timestamp?
}

/// What the sequencer is about: the messages of the batch under way, and what the attempts to write them fail with. Any
/// thread; a short lock.
///
/// `trouble` must miss no message that isn't settled, though three locks guard the places where messages are: the queue
/// (the caller's lock), the batch under way (this lock), and the locked rows (`LockedRows`). It reads all three while
/// all three locks are held, taken in this order, so it sees one moment; no other code takes two of them in another
/// order. And at each moment a message is in one of the places at least: it leaves the queue and is under way in one
/// step, since `begin` is called under the queue's lock; and it counts as under way until `goOn` or `end`, which follow
/// its settlement or its arrival among the locked rows.
final class CommitProgress: Sendable {
    private struct State: Sendable {
        /// The messages of the batch under way that are not settled, as far as is known.
        var underWay = Backlog()
        /// What the attempt under way fails with. Ends with the attempt, whatever comes of it.
        var failing: HealthCheck.Failure?
        /// For lines about attempts that fail: one in each minute.
        var lines = LineBudget(1)
    }

    private let logger: Logger
    private let now: @Sendable () -> Timestamp
    private let state = Mutex(State())

    init(logger: Logger, now: @escaping @Sendable () -> Timestamp) {
        self.logger = logger
        self.now = now
    }

    /// A batch is taken; call this under the lock of the queue that it was in.
    func begin(_ batch: [Arrival]) {
        let backlog = Backlog(count: batch.count, oldest: batch.first?.delivery.arrivedAt)
        state.withLock { $0.underWay = backlog }
    }

    /// Of the batch that was taken these messages are left to be written; the others are settled, or among the locked
    /// rows.
    func goOn(with rest: some Collection<DecodedArrival>) {
        let backlog = Backlog(count: rest.count, oldest: rest.first?.delivery.arrivedAt)
        state.withLock { $0.underWay = backlog }
    }

    /// The batch that was taken is settled, held back or left behind; or another try with messages that were held back
    /// has ended.
    func end() {
        state.withLock { state in
            state.underWay = Backlog()
            state.failing = nil
        }
    }

    /// Notes what an attempt has failed with, or nil since the database answers.
    func note(_ error: (any Error)?) {
        let now = now()
        state.withLock { state in
            state.failing = error.map { .init(detail: "\($0)", since: state.failing?.since ?? now) }
        }
    }

    /// Logs that an attempt has failed: one line a minute, however often it is tried.
    func complain(_ line: Logger.Message, _ error: any Error, _ attempt: Int, _ messages: Int) {
        let now = now()
        guard let withheld = state.withLock({ $0.lines.take(at: now) }) else { return }
        logger.error(
            line,
            metadata: [
                "messages": "\(messages)", "attempt": "\(attempt)", "withheld": "\(withheld)", "error": "\(error)",
            ])
    }

    /// Says why messages are not committed soon enough; nil if they are. Must be called under the lock of the queue;
    /// calls `held` under its own lock.
    func trouble(
        at now: Timestamp, behindAfter limit: Span, queued: Backlog, held: () -> Backlog
    ) -> HealthCheck.Failure? {
        state.withLock { state in
            if let failing = state.failing { return failing }
            let held = held()
            if let oldest = held.oldest, now - oldest > limit {
                let detail = "\(held.count) messages wait for a row that another transaction has locked"
                return HealthCheck.Failure(detail: detail, since: oldest + limit)
            }
            guard let oldest = state.underWay.oldest ?? queued.oldest, now - oldest > limit else { return nil }
            let count = queued.count + state.underWay.count
            return HealthCheck.Failure(detail: "\(count) messages wait to be committed", since: oldest + limit)
        }
    }
}
