// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// How a publish ended.
package enum PublishOutcome: Hashable, Sendable {
    /// QoS 0: the bytes are with the operating system. Nothing more will ever be known.
    case handedOver
    /// QoS 1: the server has it. Whether anybody is subscribed may be told by 0x10, *no matching subscribers*.
    /// A 3.1.1 server acknowledges even what it refuses.
    case acknowledged(ReasonCode)
    /// QoS 1: the server refused it for good, with a code from 0x80 on; 0x87 if it may not publish there.
    case refused(ReasonCode, reason: String?)
    /// QoS 1: it was sent, then the connection ended, and the server no longer had the session. Whether it arrived is
    /// unknown; it is not sent again. (What had not been sent yet goes out on the new session.)
    case sessionLost
}

/// Why a publish was not taken on, or given up.
package enum PublishError: Error, Hashable, Sendable {
    /// QoS 0 without a connection. QoS 1 waits for one.
    case notConnected
    /// `ClientConfiguration.publishLimit` publishes are under way.
    case tooManyUnderWay
    /// It can't be sent at all: its topic, its properties, QoS 2.
    case invalid(CodecError)
    /// The server announced that it takes no such message: too large, above its Maximum QoS, or retained.
    case notSupportedByServer(ReasonCode)
    /// The connection ended before QoS 0 bytes had left.
    case connectionLost
    /// The client has ended, or is about to.
    case stopped
}
