// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// The supported versions of the protocol; the raw value is the Protocol Version byte of CONNECT.
package enum ProtocolVersion: UInt8, Sendable, CaseIterable {
    // swift-format-ignore: AlwaysUseLowerCamelCase
    case v3_1_1 = 4
    case v5 = 5
}

/// The side that sends a packet: each may send only certain packets, properties and reason codes.
enum Role: Sendable, CaseIterable {
    case client
    case server
}
