// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import SQL

/// Who gets which of a pool's connections: a pure machine. First come, first served; bounded in number and in time.
///
/// `Worker` names a thread with its connection, `Job` what is to be done on one.
struct PoolStateMachine<Worker, Job> {
    private let limit: Int
    private let queueLimit: Int
    private let queueTimeout: Duration
    private var idle: [Worker] = []
    private var waiting: [Waiting] = []
    private var workers = 0
    /// The caller knows when to call `expire`.
    private var isTimed = false
    private var isClosed = false

    private struct Waiting {
        let job: Job
        let deadline: ContinuousClock.Instant
    }

    enum Submission {
        /// Hand it to this worker, which does nothing else.
        case handOver(to: Worker)
        /// Start another worker with it.
        case start
        /// It waits. Call `expire` then: nil if that was asked for already.
        case wait(expiry: ContinuousClock.Instant?)
        case refuse(SQLError)
    }

    enum Next {
        case take(Job)
        /// Nothing waits: the worker was noted as idle.
        case rest
        case end
    }

    init(limit: Int, queueLimit: Int, queueTimeout: Duration) {
        self.limit = limit
        self.queueLimit = queueLimit
        self.queueTimeout = queueTimeout
    }

    mutating func submit(_ job: Job, now: ContinuousClock.Instant) -> Submission {
        guard !isClosed else { return .refuse(SQLError(code: .other, message: "the database was closed")) }
        // The one used last: its connection is the likeliest to live.
        if let worker = idle.popLast() { return .handOver(to: worker) }
        guard workers == limit else {
            workers += 1
            return .start
        }
        guard waiting.count < queueLimit else {
            return .refuse(
                SQLError(
                    code: .busy, message: "all \(limit) connections are in use and \(queueLimit) transactions wait"))
        }
        let deadline = now.advanced(by: queueTimeout)
        waiting.append(Waiting(job: job, deadline: deadline))
        defer { isTimed = true }
        return .wait(expiry: isTimed ? nil : deadline)
    }

    /// A worker has done its job.
    mutating func finish(_ worker: Worker) -> Next {
        guard !isClosed else {
            workers -= 1
            return .end
        }
        guard !waiting.isEmpty else {
            idle.append(worker)
            return .rest
        }
        return .take(waiting.removeFirst().job)
    }

    /// The jobs that have waited too long, and when to ask again: nil if no job waits.
    mutating func expire(now: ContinuousClock.Instant) -> (jobs: [Job], next: ContinuousClock.Instant?) {
        let late = waiting.prefix { $0.deadline <= now }.map(\.job)
        waiting.removeFirst(late.count)
        isTimed = !waiting.isEmpty
        return (late, waiting.first?.deadline)
    }

    /// Nothing is accepted any more. Returns the workers that rest, to be ended, and the jobs that will not be done.
    mutating func close() -> (idle: [Worker], abandoned: [Job]) {
        isClosed = true
        workers -= idle.count
        defer {
            idle = []
            waiting = []
        }
        return (idle, waiting.map(\.job))
    }
}
