// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import NIOConcurrencyHelpers

/// The ledger of messages that the application has to acknowledge, shared by the application's threads and the event
/// loop.
final class AcknowledgementBook: Sendable {
    private let ledger = NIOLockedValueBox(AckLedger())
    /// The book calls this, on any thread, when acknowledgements can be sent: once until the next `release()`.
    private let onReleasable: @Sendable () -> Void

    init(onReleasable: @escaping @Sendable () -> Void) {
        self.onReleasable = onReleasable
    }

    func open(_ id: PacketID) -> AckLedger.Ticket { ledger.withLockedValue { $0.open(id) } }

    func acknowledge(_ ticket: AckLedger.Ticket) {
        if ledger.withLockedValue({ $0.acknowledge(ticket) }) { onReleasable() }
    }

    func release() -> [PacketID] { ledger.withLockedValue { $0.release() } }

    func forgetAll() { ledger.withLockedValue { $0.forgetAll() } }
}
