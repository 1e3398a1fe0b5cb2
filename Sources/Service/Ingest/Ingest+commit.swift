// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Logging
import Metrics
import Rules
import SQL
import Store
import Synchronization
import Wire

extension Ingest {
    /// How often a message alone may take longer than a statement may.
    private static let timeouts = 3

    /// Commits, then settles, all in one span.
    func commit(
        _ batch: [DecodedArrival], _ body: @escaping @Sendable (Transaction) throws -> [Verdict]
    ) async throws {
        let trace = BatchTrace(batch.map(\.arrival), trail.tracer)
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

    /// Commits, trying again for as long as the database and not the data is at fault. Throws what the data is at fault
    /// for, `busy` if somebody else has locked a row and others can be written, `TooManyAtOnce` where several
    /// messages may have taken too long, or `CancellationError`.
    private func committing(
        _ batch: [DecodedArrival], _ trace: BatchTrace, _ body: @escaping @Sendable (Transaction) throws -> [Verdict]
    ) async throws -> Store.Committed<[Verdict]> {
        var attempt = 0
        let isAlone = batch.count == 1
        while goesOn {
            do {
                let committed = try await store.write(via: writer) { transaction in
                    trace.runs(on: transaction.connection.dialect)
                    if isAlone { try transaction.waitBrieflyForRows() }
                    return try body(transaction)
                }
                note(nil)
                pace.succeeded(batch.count)
                return committed
            } catch let error as SQLError where error.code == .notLeader {
                // The next leader is given the same messages.
                pace.failed(batch.count, isOfSize: true)
                state.withLock { $0.phase = .closed }
                throw CancellationError()
            } catch let error as SQLError where error.code == .timeout && isAlone && attempt < Self.timeouts {
                // It may have been the machine's fault: a message is refused only when it is slow again and again.
                attempt += 1
                trace.note(error, attempt: attempt)
                await retry.pause(attempt)
            } catch let error as SQLError where error.code.maySayTooMany && !isAlone {
                pace.failed(batch.count, isOfSize: true)
                trace.note(error, attempt: 1)
                IngestMetrics.retries.increment()
                note(error)
                complain("A batch could not be committed; fewer messages are tried at once", error, 1, batch.count)
                await retry.pause(1)
                throw TooManyAtOnce()
            } catch let error where !ErrorKind(error).isTransient {
                throw error
            } catch {
                attempt += 1
                trace.note(error, attempt: attempt)
                if let error = error as? SQLError, error.code == .busy, await canOthersWrite() { throw error }
                IngestMetrics.retries.increment()
                note(error)
                complain(
                    "A batch could not be committed; nothing is acknowledged until it is", error, attempt, batch.count)
                await retry.pause(attempt)
            }
        }
        throw CancellationError()
    }

    /// Whether a transaction that needs no row of its own can be written: then another program has locked one row, and
    /// not the database.
    private func canOthersWrite() async -> Bool {
        guard (try? await store.write(via: writer) { _ in }) != nil else { return false }
        note(nil)
        return true
    }

    private func settle(_ batch: [DecodedArrival], _ committed: Store.Committed<[Verdict]>, _ trace: BatchTrace) {
        let now = store.now
        if committed.isNew, let first = batch.first {
            trail.committed(committed.revision, arrivedAt: first.delivery.arrivedAt, context: trace.context)
        }
        for (arrival, verdict) in zip(batch, committed.value) {
            arrival.arrival.settle(.committed(verdict, revision: committed.revision))
            IngestMetrics.count(verdict, waited: now - arrival.delivery.arrivedAt)
            if case .refused(let refusal) = verdict { tell(of: refusal, arrival, now) }
        }
        IngestMetrics.batch.record(batch.count)
        logger.debug(
            "Atomically updated status for faculty",
            metadata: ["messages": "\(batch.count)", "revision": "\(committed.revision)"])
    }

    /// A line a refusal, as long as there are few; all are counted and recorded anyway.
    private func tell(of refusal: Refusal, _ arrival: DecodedArrival, _ now: Timestamp) {
        guard logger.logLevel <= .info, let withheld = state.withLock({ $0.refusalLines.take(at: now) }) else { return }
        arrival.arrival.trace.within {
            logger.info(
                "A message was refused",
                metadata: [
                    "topic": "\(arrival.topic)", "reason": "\(refusal.reason.rawValue)",
                    "unit": "\(refusal.unit.map { "\($0)" } ?? "-")", "withheld": "\(withheld)",
                ])
        }
    }

    func note(_ error: (any Error)?) {
        let now = store.now
        state.withLock { state in
            state.failing = error.map { .init(detail: "\($0)", since: state.failing?.since ?? now) }
        }
    }

    /// A line a minute, however often it is tried.
    func complain(_ line: Logger.Message, _ error: any Error, _ attempt: Int, _ messages: Int) {
        let now = store.now
        guard let withheld = state.withLock({ $0.failureLines.take(at: now) }) else { return }
        logger.error(
            line,
            metadata: [
                "messages": "\(messages)", "attempt": "\(attempt)", "withheld": "\(withheld)", "error": "\(error)",
            ])
    }
}

/// Several messages failed in a way that fewer may not.
struct TooManyAtOnce: Error {}

extension SQLError.Code {
    /// Whether a transaction may have failed since it took too long.
    fileprivate var maySayTooMany: Bool {
        switch self {
        case .timeout, .connectionLost, .unknownOutcome, .other: true
        case .busy, .conflict, .notLeader, .constraint, .storage, .cannotOpen, .unexpectedValue, .statement: false
        }
    }
}

extension Transaction {
    /// How long a single message may wait for a row: all other writers wait for it meanwhile.
    fileprivate func waitBrieflyForRows() throws {
        switch connection.dialect {
        case .sqlite: return
        case .postgreSQL: try connection.execute("SET LOCAL lock_timeout = 100")
        }
    }
}
