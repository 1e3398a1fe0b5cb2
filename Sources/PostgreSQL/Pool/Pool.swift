// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation
import SQL
import Synchronization

/// A pool of connections for one role, each on its own thread and opened when first needed.
///
/// Callers wait in turn. The queue is bounded in number and time; a caller beyond a bound gets a busy error.
final class Pool: Sendable {
    private let database: Database
    private let role: DatabaseMetrics.Role
    private let metrics: DatabaseMetrics
    private let machine: Mutex<PoolStateMachine<Worker, Job>>

    /// A piece of work for a connection's thread. `run` returns a function that resumes the caller; the thread calls it
    /// after the connection is free again.
    private struct Job: Sendable {
        let run: @Sendable (PooledConnection) -> @Sendable () -> Void
        let refuse: @Sendable (SQLError) -> Void
    }

    /// The semaphore and the inbox of an idle thread. An empty inbox when the semaphore is signalled tells the thread
    /// to end.
    private final class Worker: Sendable {
        let bell = DispatchSemaphore(value: 0)
        let inbox = Mutex<Job?>(nil)
    }

    init(database: Database, role: DatabaseMetrics.Role, connections: Int) {
        self.database = database
        self.role = role
        metrics = DatabaseMetrics(role: role)
        let limits = database.configuration.limits
        machine = Mutex(
            PoolStateMachine(limit: connections, queueLimit: limits.queueLimit, queueTimeout: limits.queueTimeout))
    }

    /// Runs `work` on a connection's thread. It ignores cancellation.
    func perform<Value: Sendable>(_ work: @escaping @Sendable (PooledConnection) throws -> Value) async throws -> Value
    {
        let asked = ContinuousClock.now
        let metrics = metrics
        return try await withCheckedThrowingContinuation { continuation in
            let job = Job(
                run: { session in
                    metrics.waited(ContinuousClock.now - asked)
                    let result = Result { try work(session) }
                    return { continuation.resume(with: result) }
                },
                refuse: { continuation.resume(throwing: $0) })
            submit(job)
        }
    }

    private func submit(_ job: Job) {
        switch machine.withLock({ $0.submit(job, now: .now) }) {
        case .handOver(let worker):
            worker.inbox.withLock { $0 = job }
            worker.bell.signal()
        case .start: start(job)
        case .wait(let expiry):
            if let expiry { expire(at: expiry) }
        case .refuse(let error):
            if error.code == .busy { metrics.waitedInVain() }
            job.refuse(error)
        }
    }

    private func start(_ first: Job) {
        database.startThread(named: "postgres-\(role.rawValue)") { [self] in
            let worker = Worker()
            let session = PooledConnection(database: database, metrics: metrics)
            var job = first
            while true {
                let tell = job.run(session)
                let next = machine.withLock { $0.finish(worker) }
                tell()
                switch next {
                case .take(let waiting): job = waiting
                case .rest:
                    worker.bell.wait()
                    guard let handedOver = worker.inbox.withLock({ $0.take() }) else { return }
                    job = handedOver
                case .end: return
                }
            }
        }
    }

    private func expire(at deadline: ContinuousClock.Instant) {
        let rest = max(0, ContinuousClock.now.duration(to: deadline).milliseconds + 1)
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(Int(rest))) { [weak self] in
            guard let self else { return }
            let (late, next) = machine.withLock { $0.expire(now: .now) }
            if let next { expire(at: next) }
            for job in late {
                metrics.waitedInVain()
                let timeout = database.configuration.limits.queueTimeout
                job.refuse(SQLError(code: .busy, message: "no connection was free within \(timeout)"))
            }
        }
    }

    /// Ends the idle connections; a busy one ends after its transaction.
    func close() {
        let (idle, abandoned) = machine.withLock { $0.close() }
        for worker in idle { worker.bell.signal() }
        for job in abandoned { job.refuse(SQLError(code: .other, message: "the database was closed")) }
    }
}
