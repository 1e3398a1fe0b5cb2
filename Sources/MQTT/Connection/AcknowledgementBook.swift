// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Synchronization

/// The ledger of the messages that the application has to acknowledge, shared between its threads and the event loop.
final class AcknowledgementBook: Sendable {
    private let ledger = Mutex(AckLedger())
    /// Called, on any thread, when acknowledgements can leave: once until `release()`.
    private let onReleasable: @Sendable () -> Void

    init(onReleasable: @escaping @Sendable () -> Void) {
        self.onReleasable = onReleasable
    }

    var openCount: Int { ledger.withLock { $0.openCount } }

    func open(_ id: PacketID) -> AckLedger.Ticket { ledger.withLock { $0.open(id) } }

    func acknowledge(_ ticket: AckLedger.Ticket) {
        if ledger.withLock({ $0.acknowledge(ticket) }) { onReleasable() }
    }

    func release() -> [PacketID] { ledger.withLock { $0.release() } }

    func forgetAll() { ledger.withLock { $0.forgetAll() } }
}
