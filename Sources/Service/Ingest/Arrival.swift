// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
package import Instrumentation
package import Store
package import Wire

/// One message on its way into the database, and whom to tell when it is there.
package struct Arrival: Sendable {
    package let delivery: Delivery
    package let message: Message
    private let clock: ClockReading
    /// Whether a newer status of the same unit may take its place in a full queue: QoS 0, which the broker doesn't keep.
    package let mayBeDisplaced: Bool
    /// The trace that it belongs to; nil where nothing is traced.
    package let trace: ServiceContext?
    /// Called once: after the commit that holds the effect or the recorded refusal, never before it, or where a newer status
    /// displaced it. Any thread, must not block. Runs
    /// in the context of the commit's span, where there is one.
    package let settle: @Sendable (Settlement) -> Void

    /// - Parameter clock: the look at the store's clock at which it arrived, where that may be set forward meanwhile.
    package init(
        _ delivery: Delivery, at clock: ClockReading? = nil, mayBeDisplaced: Bool = false, trace: ServiceContext? = nil,
        settle: @escaping @Sendable (Settlement) -> Void = { _ in }
    ) {
        self.delivery = delivery
        message = Message(decoding: delivery)
        self.clock = clock ?? ClockReading(moment: delivery.arrivedAt)
        self.mayBeDisplaced = mayBeDisplaced
        self.trace = trace
        self.settle = settle
    }

    /// The message with its arrival in the time of a transaction, before which the clock may have been set forward.
    func message(in transaction: Transaction) -> Message {
        guard transaction.clock.stepped != clock.stepped else { return message }
        var message = message
        message.arrivedAt = transaction.clock.corrected(clock)
        return message
    }
}

/// What became of a message.
package enum Settlement: Sendable, Hashable {
    /// Committed: its effect or its refusal can be read at `revision`.
    case committed(Verdict, revision: Revision)
    /// A QoS 0 status that a newer one of its unit displaced in a full queue; counted.
    case displaced
}
