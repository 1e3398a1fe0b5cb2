// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// The code by which a side reports on a packet or a connection (MQTT 5.0 section 2.4), in either version.
///
/// The five return codes of a 3.1.1 CONNACK are read as the codes of 5.0 with the same meaning. A value may also hold a
/// code that the specification doesn't list, because a server may be newer than this client.
package struct ReasonCode: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// Whether the code means that something was refused or went wrong: 0x80 and above.
    package var isFailure: Bool { rawValue >= 0x80 }

    package static let success = ReasonCode(rawValue: 0x00)
    package static let grantedQoS1 = ReasonCode(rawValue: 0x01)
    package static let grantedQoS2 = ReasonCode(rawValue: 0x02)
    package static let disconnectWithWill = ReasonCode(rawValue: 0x04)
    package static let noMatchingSubscribers = ReasonCode(rawValue: 0x10)
    package static let noSubscriptionExisted = ReasonCode(rawValue: 0x11)
    package static let continueAuthentication = ReasonCode(rawValue: 0x18)
    package static let reauthenticate = ReasonCode(rawValue: 0x19)
    package static let unspecifiedError = ReasonCode(rawValue: 0x80)
    package static let malformedPacket = ReasonCode(rawValue: 0x81)
    package static let protocolError = ReasonCode(rawValue: 0x82)
    package static let implementationSpecificError = ReasonCode(rawValue: 0x83)
    package static let unsupportedProtocolVersion = ReasonCode(rawValue: 0x84)
    package static let clientIdentifierNotValid = ReasonCode(rawValue: 0x85)
    package static let badUserNameOrPassword = ReasonCode(rawValue: 0x86)
    package static let notAuthorized = ReasonCode(rawValue: 0x87)
    package static let serverUnavailable = ReasonCode(rawValue: 0x88)
    package static let serverBusy = ReasonCode(rawValue: 0x89)
    package static let banned = ReasonCode(rawValue: 0x8A)
    package static let serverShuttingDown = ReasonCode(rawValue: 0x8B)
    package static let badAuthenticationMethod = ReasonCode(rawValue: 0x8C)
    package static let keepAliveTimeout = ReasonCode(rawValue: 0x8D)
    package static let sessionTakenOver = ReasonCode(rawValue: 0x8E)
    package static let topicFilterInvalid = ReasonCode(rawValue: 0x8F)
    package static let topicNameInvalid = ReasonCode(rawValue: 0x90)
    package static let packetIdentifierInUse = ReasonCode(rawValue: 0x91)
    package static let packetIdentifierNotFound = ReasonCode(rawValue: 0x92)
    package static let receiveMaximumExceeded = ReasonCode(rawValue: 0x93)
    package static let topicAliasInvalid = ReasonCode(rawValue: 0x94)
    package static let packetTooLarge = ReasonCode(rawValue: 0x95)
    package static let messageRateTooHigh = ReasonCode(rawValue: 0x96)
    package static let quotaExceeded = ReasonCode(rawValue: 0x97)
    package static let administrativeAction = ReasonCode(rawValue: 0x98)
    package static let payloadFormatInvalid = ReasonCode(rawValue: 0x99)
    package static let retainNotSupported = ReasonCode(rawValue: 0x9A)
    package static let qosNotSupported = ReasonCode(rawValue: 0x9B)
    package static let useAnotherServer = ReasonCode(rawValue: 0x9C)
    package static let serverMoved = ReasonCode(rawValue: 0x9D)
    package static let sharedSubscriptionsNotSupported = ReasonCode(rawValue: 0x9E)
    package static let connectionRateExceeded = ReasonCode(rawValue: 0x9F)
    package static let maximumConnectTime = ReasonCode(rawValue: 0xA0)
    package static let subscriptionIdentifiersNotSupported = ReasonCode(rawValue: 0xA1)
    package static let wildcardSubscriptionsNotSupported = ReasonCode(rawValue: 0xA2)
}

extension ReasonCode: CustomStringConvertible {
    /// The code and its name: `0x87 not authorized`.
    package var description: String {
        let digits = String(rawValue, radix: 16, uppercase: true)
        let code = "0x" + (digits.count == 1 ? "0" : "") + digits
        return Self.names[rawValue].map { "\(code) \($0)" } ?? code
    }

    private static let names: [UInt8: String] = [
        0x00: "success", 0x01: "granted QoS 1", 0x02: "granted QoS 2", 0x04: "disconnect with will",
        0x10: "no matching subscribers", 0x11: "no subscription existed", 0x18: "continue authentication",
        0x19: "re-authenticate", 0x80: "unspecified error", 0x81: "malformed packet", 0x82: "protocol error",
        0x83: "implementation specific error", 0x84: "unsupported protocol version",
        0x85: "client identifier not valid", 0x86: "bad user name or password", 0x87: "not authorized",
        0x88: "server unavailable", 0x89: "server busy", 0x8A: "banned", 0x8B: "server shutting down",
        0x8C: "bad authentication method", 0x8D: "keep alive timeout", 0x8E: "session taken over",
        0x8F: "topic filter invalid", 0x90: "topic name invalid", 0x91: "packet identifier in use",
        0x92: "packet identifier not found", 0x93: "receive maximum exceeded", 0x94: "topic alias invalid",
        0x95: "packet too large", 0x96: "message rate too high", 0x97: "quota exceeded",
        0x98: "administrative action", 0x99: "payload format invalid", 0x9A: "retain not supported",
        0x9B: "QoS not supported", 0x9C: "use another server", 0x9D: "server moved",
        0x9E: "shared subscriptions not supported", 0x9F: "connection rate exceeded", 0xA0: "maximum connect time",
        0xA1: "subscription identifiers not supported", 0xA2: "wildcard subscriptions not supported",
    ]
}
