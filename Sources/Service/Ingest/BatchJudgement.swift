// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Rules
import Store
import Wire

/// One batch in one transaction: load what it needs, judge it in order, write what differs, record what was refused.
///
/// Made before the transaction, which does nothing that can be done without it.
struct BatchJudgement: Sendable {
    private let batch: [DecodedArrival]
    private let keys: WorldKeys
    private let displaced: DisplacedCounts

    init(_ batch: [DecodedArrival], displaced: DisplacedCounts) {
        self.batch = batch
        self.displaced = displaced
        var keys = WorldKeys()
        for arrival in batch { keys.formUnion(arrival.message.keys) }
        keys.units.formUnion(displaced.units)
        self.keys = keys
    }

    func judge(in transaction: Transaction) throws -> [Verdict] {
        let repository = WorldRepository(transaction)
        let before = try repository.load(keys)
        var world = before
        var verdicts: [Verdict] = []
        verdicts.reserveCapacity(batch.count)
        for arrival in batch { verdicts.append(Judge.judge(arrival.message(in: transaction), in: &world)) }
        try repository.save(world, since: before)
        try record(verdicts, known: world, in: transaction)
        return verdicts
    }

    /// Counts refusals by unit and reason. A unit that isn't known has no count of its own, so that invented names
    /// can't fill the table.
    private func record(_ verdicts: [Verdict], known world: World, in transaction: Transaction) throws {
        var found: [RefusalRepository.Cause: (count: Int64, samples: [RefusalRepository.Sample])] = [:]
        func key(_ unit: UnitID?, _ reason: RefusalReason) -> RefusalRepository.Cause {
            RefusalRepository.Cause(
                unit: unit.flatMap { world.knows($0) ? $0.rawValue : nil } ?? "", reason: reason.rawValue)
        }
        // From the newest on: no more samples are made than are kept.
        for case (let arrival, .refused(let refusal)) in zip(batch, verdicts).reversed() {
            let cause = key(refusal.unit, refusal.reason)
            found[cause, default: (0, [])].count += 1
            guard let samples = found[cause]?.samples, samples.count < RefusalRepository.samplesKept else { continue }
            found[cause]?.samples.append(
                .init(
                    at: arrival.delivery.arrivedAt, topic: arrival.topic,
                    payload: arrival.sample ?? RefusalSample.masked(arrival.delivery.payload)))
        }
        for cause in found.keys { found[cause]?.samples.reverse() }
        for (unit, count) in displaced.counts { found[key(unit, .displaced), default: (0, [])].count += count }
        try RefusalRepository(transaction).record(found)
    }
}

/// How a message is refused without being judged, since the database can't hold what it says: each form is tried if
/// the one before it fails on its data.
enum BareRefusal: Int, Sendable, CaseIterable {
    /// Recorded with a sample in ASCII.
    case escaped
    /// Recorded with a topic of our own, and nothing of the message.
    case bare
    /// Not recorded, since refusals themselves are refused: the log and a metric tell of it.
    case unrecorded

    var next: BareRefusal { BareRefusal(rawValue: rawValue + 1) ?? self }

    static let topic = "(not storable)"

    func refuse(_ arrival: DecodedArrival, in transaction: Transaction) throws -> Verdict {
        let message = arrival.message
        let reply = message.names.event.flatMap { event in
            message.unit.map { UnitReply(unit: $0, boot: event.boot, seq: event.seq, result: .refused(.notStorable)) }
        }
        // Without loading anything: that may be what fails. So it is counted under no unit.
        let cause = RefusalRepository.Cause(unit: "", reason: RefusalReason.notStorable.rawValue)
        let at = arrival.delivery.arrivedAt
        switch self {
        case .escaped:
            let payload = arrival.sample ?? RefusalSample.masked(arrival.delivery.payload)
            try RefusalRepository(transaction).record([
                cause: (
                    1,
                    [
                        .init(
                            at: at, topic: RefusalSample.inASCII(arrival.topic), payload: RefusalSample.inASCII(payload)
                        )
                    ]
                )
            ])
        case .bare:
            try RefusalRepository(transaction).record([cause: (1, [.init(at: at, topic: Self.topic, payload: "")])])
        case .unrecorded: break
        }
        return .refused(
            Refusal(reason: .notStorable, faculty: message.names.faculty, unit: message.unit, reply: reply))
    }
}

extension World {
    /// Whether a unit has a row, or is the one that a known faculty member's topics name.
    fileprivate func knows(_ unit: UnitID) -> Bool {
        units[unit] != nil || faculty.keys.contains { UnitID(dialect1: $0) == unit }
    }
}
