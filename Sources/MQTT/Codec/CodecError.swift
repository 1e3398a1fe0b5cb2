// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Reports bytes that are no packet, or a packet that can't be encoded. `reasonCode` is the code for a DISCONNECT.
package struct CodecError: Error, Hashable, Sendable {
    package let reasonCode: ReasonCode
    /// The rule that was broken: a fixed text without any received data.
    package let rule: String

    static func malformed(_ rule: String) -> CodecError { CodecError(reasonCode: .malformedPacket, rule: rule) }
    static func protocolError(_ rule: String) -> CodecError { CodecError(reasonCode: .protocolError, rule: rule) }
    static func tooLarge(_ rule: String) -> CodecError { CodecError(reasonCode: .packetTooLarge, rule: rule) }
}

extension CodecError: CustomStringConvertible {
    package var description: String { "\(reasonCode): \(rule)" }
}
