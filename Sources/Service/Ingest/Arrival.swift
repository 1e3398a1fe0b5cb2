// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
package import Instrumentation
package import Rules
package import Store
package import Wire

/// One message on its way into the database, and what to call when it is there. Nothing of its payload has been read.
package struct Arrival: Sendable {
    package let delivery: Delivery
    /// Whose share of the queue it takes.
    let lane: Lane
    /// What it takes of that, in bytes.
    let weight: Int
    fileprivate let clock: ClockReading
    /// Whether it is of QoS 0, which the broker doesn't keep: then others of its lane may take its place.
    package let mayBeDisplaced: Bool
    /// The trace that it belongs to; nil if nothing is traced.
    package let trace: ServiceContext?
    /// Called once: after the commit that holds the effect or the recorded refusal, never before it, or when others of
    /// its lane displaced it. Any thread, must not block. Runs in the context of the commit's span, if there is one.
    package let settle: @Sendable (Settlement) -> Void

    /// Bytes that a message takes beside its topic and payload, about.
    private static let overhead = 512

    /// - Parameter clock: the look at the store's clock at which it arrived, if that may be set forward meanwhile.
    package init(
        _ delivery: Delivery, at clock: ClockReading? = nil, mayBeDisplaced: Bool = false, trace: ServiceContext? = nil,
        settle: @escaping @Sendable (Settlement) -> Void = { _ in }
    ) {
        self.delivery = delivery
        lane = Lane(Topic(delivery.topic))
        weight = delivery.payload.count + delivery.topic.utf8.count + Self.overhead
        self.clock = clock ?? ClockReading(moment: delivery.arrivedAt)
        self.mayBeDisplaced = mayBeDisplaced
        self.trace = trace
        self.settle = settle
    }
}

/// A message that was taken to be judged, with all that can be said of it before its transaction begins.
struct DecodedArrival: Sendable {
    let arrival: Arrival
    let message: Message
    /// The sample to keep if it is refused; nil if it may be accepted, or if enough samples of its cause are kept.
    fileprivate(set) var sample: String?

    init(_ arrival: Arrival) {
        self.arrival = arrival
        message = Message(decoding: arrival.delivery)
    }

    var delivery: Delivery { arrival.delivery }
    /// The topic as it may be stored and logged.
    var topic: String { RefusalSample.topic(delivery.topic) }

    /// The message with its arrival in the time of a transaction, before which the clock may have been set forward.
    func message(in transaction: Transaction) -> Message {
        guard transaction.clock.stepped != arrival.clock.stepped else { return message }
        var message = message
        message.arrivedAt = transaction.clock.corrected(arrival.clock)
        return message
    }

    /// Decodes a batch. Of those that their bytes alone refuse, the newest few of each cause are masked, which are
    /// kept.
    static func decode(_ batch: [Arrival]) -> [DecodedArrival] {
        var decoded = batch.map(DecodedArrival.init)
        var found: [Cause: Int] = [:]
        for index in decoded.indices.reversed() {
            guard case .refused(let reason) = decoded[index].message.content else { continue }
            let cause = Cause(unit: decoded[index].message.unit, reason: reason)
            guard found[cause, default: 0] < RefusalRepository.samplesKept else { continue }
            found[cause, default: 0] += 1
            decoded[index].sample = RefusalSample.masked(decoded[index].delivery.payload)
        }
        return decoded
    }

    private struct Cause: Hashable {
        let unit: UnitID?
        let reason: RefusalReason
    }
}

/// What became of a message.
package enum Settlement: Sendable, Hashable {
    /// Committed: its effect or its refusal can be read at `revision`.
    case committed(Verdict, revision: Revision)
    /// A QoS 0 message beyond its unit's share of the queue: newer ones took its place, or it was an answer too many.
    /// Counted.
    case displaced
}
