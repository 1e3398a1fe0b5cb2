// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain

/// The `ack` command of dialect 2: how the server settled one event.
package struct UnitReply: Hashable, Sendable {
    package enum Result: Hashable, Sendable {
        case stored
        case duplicate
        case refused(RefusalReason)
    }

    package var unit: UnitID
    package var boot: BootID
    package var seq: Int64
    package var result: Result

    package init(unit: UnitID, boot: BootID, seq: Int64, result: Result) {
        self.unit = unit
        self.boot = boot
        self.seq = seq
        self.result = result
    }
}
