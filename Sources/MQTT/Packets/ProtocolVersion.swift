// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// The versions of the protocol that are spoken; the raw value is the Protocol Version byte of CONNECT.
package enum ProtocolVersion: UInt8, Sendable, CaseIterable {
    // swift-format-ignore: AlwaysUseLowerCamelCase
    case v3_1_1 = 4
    case v5 = 5
}

/// Who sends a packet: each side may send only some packets, properties and reason codes.
enum Role: Sendable, CaseIterable {
    case client
    case server
}
