// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain

/// The message on `state` of a dialect 2 unit (rule 15): the unit sends it when it connects, or the broker sends its
/// will.
package struct UnitState: Hashable, Sendable {
    package var isOnline: Bool
    /// Not nil if `isOnline`.
    package var boot: BootID?
    /// The firmware's version, of bounded length.
    package var firmware: String?

    package static let decidingKeys = ["boot", "online"]

    package init(isOnline: Bool, boot: BootID?, firmware: String? = nil) {
        self.isOnline = isOnline
        self.boot = boot
        self.firmware = firmware
    }

    init(_ object: JSONObject) throws(RefusalReason) {
        guard case .bool(let isOnline) = object.value("online") else { throw .badOnline }
        let boot: BootID?
        switch object.value("boot") {
        case nil: boot = nil
        case .string(let text):
            guard let id = BootID(text) else { throw .badBoot }
            boot = id
        default: throw .badBoot
        }
        guard !isOnline || boot != nil else { throw .badBoot }
        self.init(isOnline: isOnline, boot: boot, firmware: object.text("fw", limit: 32))
    }
}
