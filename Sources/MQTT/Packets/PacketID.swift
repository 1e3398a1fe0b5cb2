// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// A Packet Identifier: never 0, and of use only until the packet that it names is acknowledged.
struct PacketID: Hashable, Sendable, Comparable {
    let rawValue: UInt16

    init?(_ rawValue: UInt16) {
        guard rawValue != 0 else { return nil }
        self.rawValue = rawValue
    }

    static let first = PacketID(nonZero: 1)

    /// The next one, going from 65,535 to 1.
    var next: PacketID { rawValue == .max ? .first : PacketID(nonZero: rawValue + 1) }

    static func < (left: PacketID, right: PacketID) -> Bool { left.rawValue < right.rawValue }

    private init(nonZero rawValue: UInt16) {
        self.rawValue = rawValue
    }
}
