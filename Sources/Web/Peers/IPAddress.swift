// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation
import NIOCore

/// An IP address as 128 bits; IPv4 addresses stand in their mapped form (`::ffff:0:0/96`), so that a listener for both
/// kinds sees one client as one address.
struct IPAddress: Hashable, Sendable {
    let high: UInt64
    let low: UInt64

    /// Nil if `text` is no address, or carries a port or a zone.
    init?(_ text: some StringProtocol) {
        guard let address = try? SocketAddress(ipAddress: String(text), port: 0) else { return nil }
        self.init(address)
    }

    /// Nil for an address of another kind, as a Unix socket's.
    init?(_ address: SocketAddress) {
        switch address {
        case .v4(let v4):
            self.init(v4: UInt32(bigEndian: v4.address.sin_addr.s_addr))
        case .v6(let v6):
            let bytes = withUnsafeBytes(of: v6.address.sin6_addr) { Array($0) }
            self.init(high: Self.number(bytes[0..<8]), low: Self.number(bytes[8..<16]))
        case .unixDomainSocket:
            return nil
        }
    }

    private init(v4: UInt32) {
        self.init(high: 0, low: 0xFFFF_0000_0000 | UInt64(v4))
    }

    private init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }

    var isIPv4: Bool { high == 0 && low >> 32 == 0xFFFF }

    /// The address with all but its first `bits` bits at zero.
    func masked(to bits: Int) -> IPAddress {
        IPAddress(high: high & Self.mask(bits), low: low & Self.mask(bits - 64))
    }

    private static func mask(_ bits: Int) -> UInt64 {
        bits <= 0 ? 0 : bits >= 64 ? .max : ~(UInt64.max >> UInt64(bits))
    }
}

extension IPAddress: CustomStringConvertible {
    var description: String {
        if isIPv4 { return (0..<4).map { "\(low >> UInt64(24 - 8 * $0) & 0xFF)" }.joined(separator: ".") }
        return [high, low].flatMap { half in
            (0..<4).map { String(half >> UInt64(48 - 16 * $0) & 0xFFFF, radix: 16) }
        }.joined(separator: ":")
    }
}

/// One client as far as shares go: an IPv4 address, or the /64 of an IPv6 address, since one household is given all of
/// it.
struct Peer: Hashable, Sendable, CustomStringConvertible {
    private let network: IPAddress

    init(_ address: IPAddress) {
        network = address.isIPv4 ? address : address.masked(to: 64)
    }

    var description: String { network.isIPv4 ? "\(network)" : "\(network)/64" }
}
