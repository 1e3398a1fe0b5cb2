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

/// What became of an attempt to write messages.
enum Attempt: Sendable, Hashable {
    case written
    /// Another program has locked a row that they need.
    case locked
    /// The data of one is at fault, or they are too many: fewer may be written.
    case unwritten
    /// The sequencer ends: nothing was written.
    case ended
}

extension Ingest {
    /// Writes one batch, however long the database takes to be there again: nothing is settled before it is durable.
    ///
    /// A piece of it that fails is taken apart: half as many are tried next, down to one alone, so that one message
    /// can't undo another's, and so that what takes too long gets shorter. If a row that the batch needs is locked,
    /// each message is tried in a transaction of its own.
    func apply(_ batch: [DecodedArrival]) async {
        var rest = batch
        while !rest.isEmpty {
            state.withLock { $0.goOn(with: rest) }
            let taken = rest.prefix(pace.size)
            guard let piece = await withoutHeld(Array(taken)) else { return abandon(rest.map(\.arrival)) }
            rest.replaceSubrange(taken.indices, with: piece)
            let attempt: Attempt = if piece.count > 1 { await write(piece) } else { .locked }
            switch attempt {
            case .written: rest.removeFirst(piece.count)
            case .unwritten: continue
            case .locked:
                rest.removeFirst(await applyOneByOne(piece))
                guard goesOn else { return abandon(rest.map(\.arrival)) }
            case .ended: return abandon(rest.map(\.arrival))
            }
        }
    }

    /// How many of them are written or held back: all, unless the sequencer ends.
    private func applyOneByOne(_ piece: [DecodedArrival]) async -> Int {
        var keys: [Set<HeldBack.Key>]?
        for (index, arrival) in piece.enumerated() {
            let isBehind = state.withLock { state in
                state.goOn(with: piece[index...])
                return keys.map { state.held.concerns($0[index]) } ?? false
            }
            let attempt: Attempt = if isBehind { .locked } else { await applyAlone(arrival) }
            switch attempt {
            case .written: continue
            case .ended, .unwritten: return index
            case .locked:
                if keys == nil { keys = await self.keys(of: piece) }
                guard let keys else { return index }
                hold(arrival, keys[index])
            }
        }
        return piece.count
    }

    /// One that fails on its data even alone is refused: never `unwritten`.
    func applyAlone(_ arrival: DecodedArrival) async -> Attempt {
        let attempt = await write([arrival])
        return attempt == .unwritten ? await refuse(arrival) : attempt
    }

    /// Together with what was displaced and is still to be recorded.
    private func write(_ batch: [DecodedArrival]) async -> Attempt {
        let displaced = state.withLock { $0.takeDisplaced() }
        let attempt = await write(batch, displaced)
        if attempt == .written || displaced.isEmpty { return attempt }
        guard attempt == .unwritten, batch.count == 1 else {
            state.withLock { $0.restore(displaced) }
            return attempt
        }
        // One of the two can't be stored: a message isn't refused for what others did.
        let alone = await write(batch, DisplacedCounts())
        if alone == .written { giveUp(displaced) } else { state.withLock { $0.restore(displaced) } }
        return alone
    }

    private func write(_ batch: [DecodedArrival], _ displaced: DisplacedCounts) async -> Attempt {
        let judgement = BatchJudgement(batch, displaced: displaced)
        do {
            try await commit(batch) { try judgement.judge(in: $0) }
            return .written
        } catch is CancellationError {
            return .ended
        } catch let error as SQLError where error.code == .busy {
            return .locked
        } catch is TooManyAtOnce {
            return .unwritten
        } catch {
            pace.failed(batch.count, isOfSize: false)
            guard let arrival = batch.first, batch.count == 1 else { return .unwritten }
            logger.error(
                "A message could not be stored as it is", metadata: ["topic": "\(arrival.topic)", "error": "\(error)"])
            return .unwritten
        }
    }

    private func giveUp(_ displaced: DisplacedCounts) {
        let count = displaced.counts.values.reduce(0, +)
        IngestMetrics.unrecorded.increment(by: count)
        logger.critical(
            "Displaced messages could not be recorded: look at the table refusal", metadata: ["messages": "\(count)"])
    }

    /// Settles it whatever it takes: acks leave in order, so one that never came would hold back all that follow. Each
    /// failure on data makes the refusal barer, until there is nothing in it that could fail.
    private func refuse(_ arrival: DecodedArrival) async -> Attempt {
        var (form, attempt) = (BareRefusal.escaped, 0)
        while goesOn {
            do {
                try await commit([arrival]) { [form] in [try form.refuse(arrival, in: $0)] }
                guard form == .unrecorded else { return .written }
                IngestMetrics.unrecorded.increment()
                logger.critical(
                    "A message is acknowledged, and its refusal could not be recorded: look at the table refusal",
                    metadata: ["topic": "\(arrival.topic)"])
                return .written
            } catch is CancellationError {
                return .ended
            } catch let error as SQLError where error.code == .busy {
                return .locked
            } catch {
                attempt += 1
                note(error)
                complain("A refusal could not be recorded; nothing is acknowledged until it is", error, attempt, 1)
                // A passing fault must not cost the record: only what fails again and again is done without.
                if form == .escaped || attempt > Self.mostRefusalAttempts { form = form.next }
                await retry.pause(attempt)
            }
        }
        return .ended
    }

    private static let mostRefusalAttempts = 10

    /// Several messages of one group that was held back: the first of them that were written, up to one that still
    /// waits.
    func applyGroup(_ arrivals: [DecodedArrival]) async -> (written: Int, attempt: Attempt) {
        let piece = Array(arrivals.prefix(pace.size))
        let together = piece.count > 1 ? await write(piece) : .unwritten
        guard together == .unwritten else { return (together == .written ? piece.count : 0, together) }
        for (index, arrival) in piece.enumerated() {
            let attempt = await applyAlone(arrival)
            guard attempt == .written else { return (index, attempt) }
        }
        return (piece.count, .written)
    }
}
