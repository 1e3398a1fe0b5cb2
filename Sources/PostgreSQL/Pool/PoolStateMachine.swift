// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import SQL

/// Assigns a pool's connections to callers in order of arrival, bounded in number and time. A pure state machine.
///
/// `Worker` is a thread with its connection; `Job` is work for one.
struct PoolStateMachine<Worker, Job> {
    private let limit: Int
    private let queueLimit: Int
    private let queueTimeout: Duration
    private var idle: [Worker] = []
    private var waiting: [Waiting] = []
    private var workers = 0
    /// Whether the caller has been told when to call `expire`.
    private var isTimed = false
    private var isClosed = false

    private struct Waiting {
        let job: Job
        let deadline: ContinuousClock.Instant
    }

    enum Submission {
        /// Give the job to this worker, which is idle.
        case handOver(to: Worker)
        /// Start a new worker with the job.
        case start
        /// The job waits. Call `expire` at this time; nil if an earlier answer asked for that.
        case wait(expiry: ContinuousClock.Instant?)
        case refuse(SQLError)
    }

    enum Next {
        case take(Job)
        /// No job waits; the worker now counts as idle.
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
        // The worker used last has the connection that is most likely alive.
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

    /// Returns what a worker does after its job.
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

    /// Returns the jobs that have waited too long, and when to call again: nil if no job waits.
    mutating func expire(now: ContinuousClock.Instant) -> (jobs: [Job], next: ContinuousClock.Instant?) {
        let late = waiting.prefix { $0.deadline <= now }.map(\.job)
        waiting.removeFirst(late.count)
        isTimed = !waiting.isEmpty
        return (late, waiting.first?.deadline)
    }

    /// Refuses all further jobs. Returns the idle workers, which must end, and the jobs that will not run.
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
