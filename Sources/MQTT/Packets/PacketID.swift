// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// A Packet Identifier: never 0, and in use only until its packet is acknowledged.
struct PacketID: Hashable, Sendable, Comparable {
    let rawValue: UInt16

    init?(_ rawValue: UInt16) {
        guard rawValue != 0 else { return nil }
        self.rawValue = rawValue
    }

    static let first = PacketID(nonZero: 1)

    /// The next identifier; 1 follows 65,535.
    var next: PacketID { rawValue == .max ? .first : PacketID(nonZero: rawValue + 1) }

    static func < (left: PacketID, right: PacketID) -> Bool { left.rawValue < right.rawValue }

    private init(nonZero rawValue: UInt16) {
        self.rawValue = rawValue
    }
}
