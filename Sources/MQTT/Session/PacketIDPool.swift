// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// The packet identifiers in use: PUBLISH, SUBSCRIBE and UNSUBSCRIBE share one pool (2.2.1-3).
struct PacketIDPool: Sendable {
    private var taken: Set<PacketID> = []
    private var candidate = PacketID.first

    var count: Int { taken.count }

    /// Takes an identifier that is not in use, or returns nil if all 65,535 are. A freed one is reused only after all
    /// others.
    mutating func take() -> PacketID? {
        guard taken.count < Int(UInt16.max) else { return nil }
        while taken.contains(candidate) { candidate = candidate.next }
        defer { candidate = candidate.next }
        taken.insert(candidate)
        return candidate
    }

    mutating func free(_ id: PacketID) { taken.remove(id) }
}
