// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain
package import Instrumentation
package import Wire

/// One message on its way into the database, and whom to tell when it is there.
package struct Arrival: Sendable {
    package let delivery: Delivery
    package let message: Message
    /// Whether a newer status of the same unit may take its place in a full queue: QoS 0, which the broker doesn't keep.
    package let mayBeDisplaced: Bool
    /// The trace that it belongs to; nil where nothing is traced.
    package let trace: ServiceContext?
    /// Called once, after the commit that holds the effect or the recorded refusal; never before. Any thread, must not block. Runs
    /// in the context of the commit's span, where there is one.
    package let settle: @Sendable (Settlement) -> Void

    package init(
        _ delivery: Delivery, mayBeDisplaced: Bool = false, trace: ServiceContext? = nil,
        settle: @escaping @Sendable (Settlement) -> Void = { _ in }
    ) {
        self.delivery = delivery
        message = Message(decoding: delivery)
        self.mayBeDisplaced = mayBeDisplaced
        self.trace = trace
        self.settle = settle
    }
}

/// What became of a message.
package enum Settlement: Sendable, Hashable {
    /// Committed: its effect or its refusal can be read at `revision`.
    case committed(Verdict, revision: Revision)
    /// A QoS 0 status that a newer one of its unit displaced in a full queue; counted.
    case displaced
}
