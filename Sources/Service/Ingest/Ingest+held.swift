// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Logging
import Rules
import Store
import Synchronization
import Wire

/// Holds messages back that wait for a row which another program has locked, while the others go on.
extension Ingest {
    /// What need not wait behind others; the rest is held back. Nil if that can't be known before the sequencer ends.
    func withoutHeld(_ batch: [DecodedArrival]) async -> [DecodedArrival]? {
        guard state.withLock({ !$0.held.isEmpty }) else { return batch }
        guard let keys = await keys(of: batch) else { return nil }
        var others: [DecodedArrival] = []
        for (arrival, keys) in zip(batch, keys) {
            if state.withLock({ $0.held.concerns(keys) }) { holdBack(arrival, keys) } else { others.append(arrival) }
        }
        return others
    }

    func hold(_ arrival: DecodedArrival, _ keys: Set<HeldBack.Key>) {
        let now = store.now
        holdBack(arrival, keys)
        guard let withheld = state.withLock({ $0.lockLines.take(at: now) }) else { return }
        logger.warning(
            "Another program has locked a row: messages that need it wait, the others go on",
            metadata: ["topic": "\(arrival.topic)", "withheld": "\(withheld)"])
    }

    private func holdBack(_ arrival: DecodedArrival, _ keys: Set<HeldBack.Key>) {
        let displaced = state.withLock { $0.held.hold(arrival, keys) }
        displace(displaced.map(\.arrival), arrival.arrival.lane.holdsAnswers ? .answersTooMany : .newerWords)
    }

    /// Whom each message is about, as the units are assigned now. Nil if the sequencer ends before the database can
    /// say.
    func keys(of batch: [DecodedArrival]) async -> [Set<HeldBack.Key>]? {
        var needed = WorldKeys()
        for arrival in batch {
            let keys = arrival.message.keys
            needed.units.formUnion(keys.units)
            needed.needsProfessorStatusSender = needed.needsProfessorStatusSender || keys.needsProfessorStatusSender
        }
        var attempt = 0
        while goesOn {
            do {
                let world = try await store.read { [needed] in try WorldRepository($0).load(needed) }
                note(nil)
                return batch.map { HeldBack.Key.keys(of: $0.message, in: world) }
            } catch is CancellationError {
                return nil
            } catch let error where !ErrorKind(error).isTransient {
                // A row that can't be read stays so: what the messages say of themselves must do.
                return batch.map { HeldBack.Key.keys(of: $0.message, in: World()) }
            } catch {
                attempt += 1
                note(error)
                complain("Whom messages are about could not be read", error, attempt, batch.count)
                await retry.pause(attempt)
            }
        }
        return nil
    }

    /// Tries again what is held back, if that is due: each group for itself, its messages in their order.
    func tryHeld() async {
        let groups = state.withLock { state in
            defer { state.isHeldDue = false }
            return state.isHeldDue ? state.held.groups : []
        }
        for group in groups where goesOn {
            let (written, _) = await applyGroup(group.arrivals)
            state.withLock { state in
                state.held.drop(written, of: group)
                if written > 0 { state.heldAttempts = 0 }
            }
        }
    }

    /// Waits as long as it is worth to try again.
    func pauseForHeld() async {
        await retry.pause(state.withLock(\.heldAttempts))
        state.withLock { state in
            state.isHeldTimed = false
            state.isHeldDue = true
        }
    }
}
