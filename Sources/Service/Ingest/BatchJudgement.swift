// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Store
import Wire

/// One batch in one transaction: load what it needs, judge it in order, write what differs, record what was refused.
enum BatchJudgement {
    static func judge(_ batch: [Arrival], in transaction: Transaction) throws -> [Verdict] {
        var keys = WorldKeys()
        for arrival in batch { keys.formUnion(arrival.message.keys) }
        let repository = WorldRepository(transaction)
        let before = try repository.load(keys)
        var world = before
        var verdicts: [Verdict] = []
        verdicts.reserveCapacity(batch.count)
        for arrival in batch { verdicts.append(Judge.judge(arrival.message(in: transaction), in: &world)) }
        try repository.save(world, since: before)
        try record(zip(batch, verdicts), known: world, in: transaction)
        return verdicts
    }

    /// Refuses one message without judging it: what it says can't be stored.
    static func refuse(_ arrival: Arrival, because reason: RefusalReason, in transaction: Transaction) throws -> Verdict
    {
        let message = arrival.message
        let reply = message.names.event.flatMap { event in
            message.unit.map { UnitReply(unit: $0, boot: event.boot, seq: event.seq, result: .refused(reason)) }
        }
        let verdict = Verdict.refused(
            Refusal(reason: reason, faculty: message.names.faculty, unit: message.unit, reply: reply))
        // Without loading anything: that may be what fails. So it is counted under no unit.
        try record([(arrival, verdict)], known: World(), in: transaction)
        return verdict
    }

    /// Counts refusals by unit and reason. A unit that isn't known has no count of its own: whoever invents names can't fill
    /// the table.
    private static func record(
        _ judged: some Sequence<(Arrival, Verdict)>, known world: World, in transaction: Transaction
    ) throws {
        var found: [RefusalRepository.Cause: (count: Int64, samples: [RefusalRepository.Sample])] = [:]
        for case (let arrival, .refused(let refusal)) in judged {
            let unit = refusal.unit.flatMap { world.knows($0) ? $0.rawValue : nil } ?? ""
            let cause = RefusalRepository.Cause(unit: unit, reason: refusal.reason.rawValue)
            let delivery = arrival.delivery
            found[cause, default: (0, [])].count += 1
            found[cause]?.samples.append(
                .init(
                    at: delivery.arrivedAt, topic: String(delivery.topic.prefix(longestTopicKept)),
                    payload: RefusalSample.masked(delivery.payload)))
        }
        try RefusalRepository(transaction).record(found)
    }

    private static let longestTopicKept = 128
}

extension World {
    /// Whether a unit has a row, or is the one that a known faculty member's topics name.
    fileprivate func knows(_ unit: UnitID) -> Bool {
        units[unit] != nil || faculty.keys.contains { UnitID(dialect1: $0) == unit }
    }
}
