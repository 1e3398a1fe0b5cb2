// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// How a publish ended.
package enum PublishOutcome: Hashable, Sendable {
    /// QoS 0: the operating system has the bytes. The client never learns more.
    case handedOver
    /// QoS 1: the server has the message. A server may report a lack of subscribers by 0x10, *no matching subscribers*.
    /// A 3.1.1 server acknowledges even a message that it refuses.
    case acknowledged(ReasonCode)
    /// QoS 1: the server refused the message for good, with a code from 0x80 on; 0x87 means that this client may not
    /// publish there.
    case refused(ReasonCode, reason: String?)
    /// QoS 1: the client sent the message, the connection ended, and the server then no longer had the session. Whether
    /// the message arrived is unknown, and the client doesn't send it again. (A message that had not been sent yet goes
    /// out in the new session.)
    case sessionLost
}

/// Why the client refused a publish, or gave it up.
package enum PublishError: Error, Hashable, Sendable {
    /// A QoS 0 publish found no connection. QoS 1 waits for one.
    case notConnected
    /// `ClientConfiguration.publishLimit` publishes are under way.
    case tooManyUnderWay
    /// The message can't be sent at all, because of its topic, its properties or QoS 2.
    case invalid(CodecError)
    /// The server announced that it accepts no such message: too large, above its Maximum QoS, or retained.
    case notSupportedByServer(ReasonCode)
    /// The connection ended before the QoS 0 bytes were sent.
    case connectionLost
    /// The client has ended, or is ending.
    case stopped
}
