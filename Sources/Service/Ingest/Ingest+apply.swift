// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Logging
import SQL
import Store
import Synchronization
import Wire

/// What became of an attempt to write messages.
enum Attempt: Sendable, Hashable {
    case written
    /// Somebody else has locked a row that they need.
    case locked
    /// The data is at fault.
    case unstorable
    /// The sequencer ends: nothing was written.
    case ended
}

extension Ingest {
    /// Writes one batch, however long the database takes to be there again: nothing is settled before it is durable.
    ///
    /// A batch that fails on data, or on a row that somebody else has locked, is taken apart: each message is tried in a
    /// transaction of its own, so that one can't undo or hold up another's.
    func apply(_ batch: [Arrival]) async {
        guard let batch = await withoutHeld(batch), !batch.isEmpty else { return }
        guard batch.count > 1 else { return await applyOneByOne(batch) }
        switch await write(batch) {
        case .written: return
        case .ended: abandon(batch)
        case .locked, .unstorable: await applyOneByOne(batch)
        }
    }

    private func applyOneByOne(_ batch: [Arrival]) async {
        var keys: [Set<HeldBack.Key>]?
        for (index, arrival) in batch.enumerated() {
            let isBehind = state.withLock { state in
                state.goOn(with: batch[index...])
                return keys.map { state.held.concerns($0[index]) } ?? false
            }
            let attempt: Attempt = if isBehind { .locked } else { await applyAlone(arrival) }
            switch attempt {
            case .written, .unstorable: continue
            case .ended: return abandon(batch[index...])
            case .locked:
                if keys == nil { keys = await self.keys(of: batch) }
                guard let keys else { return abandon(batch[index...]) }
                hold(arrival, keys[index])
            }
        }
    }

    /// One that fails on its data even alone is refused.
    func applyAlone(_ arrival: Arrival) async -> Attempt {
        let attempt = await write([arrival])
        return attempt == .unstorable ? await refuse(arrival) : attempt
    }

    private func write(_ batch: [Arrival]) async -> Attempt {
        do {
            try await commit(batch) { try BatchJudgement.judge(batch, in: $0) }
            return .written
        } catch is CancellationError {
            return .ended
        } catch let error as SQLError where error.code == .busy {
            return .locked
        } catch {
            if let arrival = batch.first, batch.count == 1 {
                logger.error(
                    "A message could not be stored and is refused",
                    metadata: ["topic": "\(arrival.delivery.topic.prefix(128))", "error": "\(error)"])
            }
            return .unstorable
        }
    }

    /// Settles it whatever it takes: acks leave in order, so one that never came would hold back all that follow.
    private func refuse(_ arrival: Arrival) async -> Attempt {
        var attempt = 0
        while goesOn {
            do {
                try await commit([arrival]) { [try BatchJudgement.refuse(arrival, because: .notStorable, in: $0)] }
                return .written
            } catch is CancellationError {
                return .ended
            } catch let error as SQLError where error.code == .busy {
                return .locked
            } catch {
                attempt += 1
                note(error)
                complain("A refusal could not be recorded; nothing is acknowledged until it is", error, attempt, 1)
                await retry.pause(attempt)
            }
        }
        return .ended
    }

    /// Several messages of one group that was held back: the first of them that were written, up to one that still waits.
    func applyGroup(_ arrivals: [Arrival]) async -> (written: Int, attempt: Attempt) {
        let together = arrivals.count > 1 ? await write(arrivals) : .unstorable
        guard together == .unstorable else { return (together == .written ? arrivals.count : 0, together) }
        for (index, arrival) in arrivals.enumerated() {
            let attempt = await applyAlone(arrival)
            guard attempt == .written else { return (index, attempt) }
        }
        return (arrivals.count, .written)
    }
}
