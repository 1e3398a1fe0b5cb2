// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Bytes that are no packet, or a packet that can't be bytes. `reasonCode` is what a DISCONNECT would say of it.
package struct CodecError: Error, Hashable, Sendable {
    package let reasonCode: ReasonCode
    /// Which rule was broken: fixed text, without anything of what was received.
    package let rule: String

    static func malformed(_ rule: String) -> CodecError { CodecError(reasonCode: .malformedPacket, rule: rule) }
    static func protocolError(_ rule: String) -> CodecError { CodecError(reasonCode: .protocolError, rule: rule) }
    static func tooLarge(_ rule: String) -> CodecError { CodecError(reasonCode: .packetTooLarge, rule: rule) }
}

extension CodecError: CustomStringConvertible {
    package var description: String { "\(reasonCode): \(rule)" }
}
