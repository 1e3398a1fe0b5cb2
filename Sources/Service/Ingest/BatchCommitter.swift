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

/// The committer judges batches of messages, writes each in one transaction, and settles each message after the commit
/// that holds its effect or its refusal, never before it.
///
/// While the database is at fault, the committer tries the same messages again, for as long as that lasts. If several
/// messages are too many for one transaction, or if the data of one is at fault, it tries half as many, down to one
/// alone, and refuses the one that fails alone: so no message can undo another's effect, and what takes too long gets
/// shorter. If another program has locked a row, the messages that need it wait in `LockedRows`, and the others go on.
///
/// One task, the sequencer, calls these functions, one at a time.
final class BatchCommitter: Sendable {
    /// What became of a batch, or of another try with the messages that wait for locked rows.
    enum Outcome: Sendable {
        /// Each message is settled or waits in `LockedRows`.
        case done
        /// The task is cancelled: these messages are not written.
        case cancelled(left: [Arrival])
        /// The writer's term is over: these messages are not written, and the next leader is given them again.
        case notLeader(left: [Arrival])
    }

    private let store: Store
    private let writer: (any Writer)?
    private let logger: Logger
    private let backoff: CommitBackoff
    private let trail: DeliveryTracker
    private let pace: BatchPace
    private let progress: CommitProgress
    private let displaced: DisplacedMessages
    private let locked: LockedRows
    private let refusalLines = Mutex(LineBudget())

    init(
        store: Store, writer: (any Writer)?, trail: DeliveryTracker, logger: Logger, pace: BatchPace,
        backoff: CommitBackoff, progress: CommitProgress, displaced: DisplacedMessages, locked: LockedRows
    ) {
        self.store = store
        self.writer = writer
        self.trail = trail
        self.logger = logger
        self.pace = pace
        self.backoff = backoff
        self.progress = progress
        self.displaced = displaced
        self.locked = locked
    }

    // MARK: Batches

    /// Writes one batch, however long the database takes to be there again.
    func commit(_ batch: [Arrival]) async -> Outcome {
        var rest = DecodedArrival.decode(batch)
        while !rest.isEmpty {
            progress.goOn(with: rest)
            let taken = rest.prefix(pace.size)
            guard let piece = await withoutWaiting(Array(taken)) else { return .cancelled(left: rest.map(\.arrival)) }
            rest.replaceSubrange(taken.indices, with: piece)
            let attempt: Attempt = if piece.count > 1 { await write(piece) } else { .locked }
            switch attempt {
            case .written: rest.removeFirst(piece.count)
            case .unwritten: continue
            case .locked:
                let (count, last) = await writeOneByOne(piece, of: rest)
                rest.removeFirst(count)
                if last == .notLeader { return .notLeader(left: rest.map(\.arrival)) }
                if Task.isCancelled { return .cancelled(left: rest.map(\.arrival)) }
            case .cancelled: return .cancelled(left: rest.map(\.arrival))
            case .notLeader: return .notLeader(left: rest.map(\.arrival))
            }
        }
        return .done
    }

    /// Tries again the messages that wait for locked rows, if that is due: each group for itself, in its order. What is
    /// not written goes on waiting in `LockedRows`, and is never left to the caller.
    func tryLocked() async -> Outcome {
        for group in locked.takeDue() where !Task.isCancelled {
            let (written, last) = await writeGroup(group.arrivals)
            locked.drop(written, of: group)
            if last == .notLeader { return .notLeader(left: []) }
        }
        return .done
    }

    /// What became of an attempt to write messages.
    private enum Attempt: Hashable {
        case written
        /// Another program has locked a row that they need.
        case locked
        /// The data of one is at fault, or they are too many: fewer may be written.
        case unwritten
        /// The task is cancelled: nothing was written.
        case cancelled
        /// The writer's term is over: nothing was written.
        case notLeader

        /// Nil if the data of the messages is at fault.
        init?(_ error: any Error) {
            switch error {
            case is CancellationError: self = .cancelled
            case is TooManyAtOnce: self = .unwritten
            case let error as SQLError where error.code == .busy: self = .locked
            case let error as SQLError where error.code == .notLeader: self = .notLeader
            default: return nil
            }
        }
    }

    /// Writes the messages that `rest` begins with, each in a transaction of its own, or holds them back. Returns with
    /// how many of them that was done: all, unless the last attempt says otherwise.
    private func writeOneByOne(
        _ piece: [DecodedArrival], of rest: [DecodedArrival]
    ) async -> (count: Int, last: Attempt) {
        var keys: [Set<HeldBack.Key>]?
        for (index, arrival) in piece.enumerated() {
            // What is written or held back counts as under way until here: see `CommitProgress`.
            progress.goOn(with: rest[index...])
            let isBehind = keys.map { locked.concerns($0[index]) } ?? false
            let attempt: Attempt = if isBehind { .locked } else { await writeAlone(arrival) }
            switch attempt {
            case .written: continue
            case .unwritten, .cancelled, .notLeader: return (index, attempt)
            case .locked:
                if keys == nil { keys = await locked.keys(of: piece) }
                guard let keys else { return (index, .cancelled) }
                hold(arrival, keys[index])
                locked.warn(of: arrival)
            }
        }
        return (piece.count, .written)
    }

    /// Writes several messages of one group that waits for a locked row. Returns how many were written: the first ones,
    /// up to one that still has to wait.
    private func writeGroup(_ arrivals: [DecodedArrival]) async -> (written: Int, last: Attempt) {
        let piece = Array(arrivals.prefix(pace.size))
        let together = piece.count > 1 ? await write(piece) : .unwritten
        guard together == .unwritten else { return (together == .written ? piece.count : 0, together) }
        for (index, arrival) in piece.enumerated() {
            let attempt = await writeAlone(arrival)
            guard attempt == .written else { return (index, attempt) }
        }
        return (piece.count, .written)
    }

    /// Writes one message, or refuses it if its data is at fault: never `unwritten`.
    private func writeAlone(_ arrival: DecodedArrival) async -> Attempt {
        let attempt = await write([arrival])
        return attempt == .unwritten ? await refuse(arrival) : attempt
    }

    /// Writes messages together with the counts of what was displaced and is still to be recorded.
    private func write(_ batch: [DecodedArrival]) async -> Attempt {
        let counts = displaced.takeCounts()
        let attempt = await write(batch, counts)
        if attempt == .written || counts.isEmpty { return attempt }
        guard attempt == .unwritten, batch.count == 1 else {
            displaced.restore(counts)
            return attempt
        }
        // One of the two can't be stored: a message isn't refused for what others did.
        let alone = await write(batch, DisplacedCounts())
        if alone == .written { displaced.giveUp(counts) } else { displaced.restore(counts) }
        return alone
    }

    private func write(_ batch: [DecodedArrival], _ counts: DisplacedCounts) async -> Attempt {
        let judgement = BatchJudgement(batch, displaced: counts)
        do {
            try await transact(batch) { try judgement.judge(in: $0) }
            return .written
        } catch {
            if let end = Attempt(error) { return end }
            pace.failed(batch.count, isOfSize: false)
            guard let arrival = batch.first, batch.count == 1 else { return .unwritten }
            logger.error(
                "A message could not be stored as it is", metadata: ["topic": "\(arrival.topic)", "error": "\(error)"])
            return .unwritten
        }
    }

    /// Refuses a message, whatever that takes: acks leave in order, so one that never came would hold back all that
    /// follow. Each failure on data makes the refusal barer, until there is nothing in it that could fail.
    private func refuse(_ arrival: DecodedArrival) async -> Attempt {
        var (form, attempt) = (BareRefusal.escaped, 0)
        while !Task.isCancelled {
            do {
                try await transact([arrival]) { [form] in [try form.refuse(arrival, in: $0)] }
                guard form == .unrecorded else { return .written }
                IngestMetrics.unrecorded.increment()
                logger.critical(
                    "A message is acknowledged, and its refusal could not be recorded: look at the table refusal",
                    metadata: ["topic": "\(arrival.topic)"])
                return .written
            } catch {
                if let end = Attempt(error) { return end }
                attempt += 1
                progress.note(error)
                progress.complain(
                    "A refusal could not be recorded; nothing is acknowledged until it is", error, attempt, 1)
                // A passing fault must not cost the record: only what fails again and again is done without.
                if form == .escaped || attempt > Self.mostRefusalAttempts { form = form.next }
                await backoff.pause(attempt)
            }
        }
        return .cancelled
    }

    private static let mostRefusalAttempts = 10

    // MARK: Transactions

    /// Several messages failed in a way that fewer may not.
    private struct TooManyAtOnce: Error {}

    /// How often a message alone may take longer than a statement may.
    private static let timeouts = 3

    /// Commits, then settles, all in one span.
    private func transact(
        _ batch: [DecodedArrival], _ body: @escaping @Sendable (Transaction) throws -> [Verdict]
    ) async throws {
        let trace = BatchTrace(batch.map(\.arrival), trail.tracer)
        var revision: Revision?
        defer { trace.end(revision?.number) }
        try await trace.context.within {
            let began = ContinuousClock.now
            let committed = try await durably(batch, trace, body)
            IngestMetrics.commit.record(duration: ContinuousClock.now - began)
            revision = committed.revision
            settle(batch, committed, trace)
        }
    }

    /// Commits, trying again for as long as the database and not the data is at fault. Throws what the data is at fault
    /// for, `busy` if another program has locked a row and others can be written, `notLeader`, `TooManyAtOnce` if
    /// several messages may have taken too long, or `CancellationError`.
    private func durably(
        _ batch: [DecodedArrival], _ trace: BatchTrace, _ body: @escaping @Sendable (Transaction) throws -> [Verdict]
    ) async throws -> Store.Committed<[Verdict]> {
        var attempt = 0
        let isAlone = batch.count == 1
        while !Task.isCancelled {
            do {
                let committed = try await store.write(via: writer) { transaction in
                    trace.runs(on: transaction.connection.dialect)
                    if isAlone { try transaction.waitBrieflyForRows() }
                    return try body(transaction)
                }
                progress.note(nil)
                pace.succeeded(batch.count)
                return committed
            } catch let error as SQLError where error.code == .notLeader {
                // The next leader is given the same messages.
                pace.failed(batch.count, isOfSize: true)
                throw error
            } catch let error as SQLError where error.code == .timeout && isAlone && attempt < Self.timeouts {
                // It may have been the machine's fault: a message is refused only when it is slow again and again.
                attempt += 1
                trace.note(error, attempt: attempt)
                await backoff.pause(attempt)
            } catch let error as SQLError where error.code.maySayTooMany && !isAlone {
                pace.failed(batch.count, isOfSize: true)
                trace.note(error, attempt: 1)
                IngestMetrics.retries.increment()
                progress.note(error)
                progress.complain(
                    "A batch could not be committed; fewer messages are tried at once", error, 1, batch.count)
                await backoff.pause(1)
                throw TooManyAtOnce()
            } catch let error where !error.isOfDatabase {
                throw error
            } catch {
                attempt += 1
                trace.note(error, attempt: attempt)
                if let error = error as? SQLError, error.code == .busy, await canOthersWrite() { throw error }
                IngestMetrics.retries.increment()
                progress.note(error)
                progress.complain(
                    "A batch could not be committed; nothing is acknowledged until it is", error, attempt, batch.count)
                await backoff.pause(attempt)
            }
        }
        throw CancellationError()
    }

    /// Whether a transaction that needs no row of its own can be written: then another program has locked one row, and
    /// not the database.
    private func canOthersWrite() async -> Bool {
        guard (try? await store.write(via: writer) { _ in }) != nil else { return false }
        progress.note(nil)
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

    /// Logs a refusal, as long as there are few; all are counted and recorded anyway.
    private func tell(of refusal: Refusal, _ arrival: DecodedArrival, _ now: Timestamp) {
        guard logger.logLevel <= .info, let withheld = refusalLines.withLock({ $0.take(at: now) }) else { return }
        arrival.arrival.trace.within {
            logger.info(
                "A message was refused",
                metadata: [
                    "topic": "\(arrival.topic)", "reason": "\(refusal.reason.rawValue)",
                    "unit": "\(refusal.unit.map { "\($0)" } ?? "-")", "withheld": "\(withheld)",
                ])
        }
    }

    // MARK: Locked rows

    /// Returns the messages that need not wait behind others, and holds the rest back. Nil if the task is cancelled
    /// before the database can say which.
    private func withoutWaiting(_ batch: [DecodedArrival]) async -> [DecodedArrival]? {
        guard !locked.isEmpty else { return batch }
        guard let keys = await locked.keys(of: batch) else { return nil }
        var others: [DecodedArrival] = []
        for (arrival, keys) in zip(batch, keys) {
            if locked.concerns(keys) { hold(arrival, keys) } else { others.append(arrival) }
        }
        return others
    }

    private func hold(_ arrival: DecodedArrival, _ keys: Set<HeldBack.Key>) {
        let beyond = locked.hold(arrival, keys)
        displaced.displace(beyond.map(\.arrival), arrival.arrival.lane.holdsAnswers ? .answersTooMany : .newerWords)
    }
}

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
