// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

extension PacketBody {
    static func connect(_ reader: inout PacketReader) throws(CodecError) -> Connect {
        guard try reader.string() == "MQTT" else {
            throw CodecError(reasonCode: .unsupportedProtocolVersion, rule: "the protocol name is not MQTT")
        }
        guard let version = ProtocolVersion(rawValue: try reader.byte()) else {
            throw CodecError(reasonCode: .unsupportedProtocolVersion, rule: "the protocol version is not supported")
        }
        let flags = ConnectFlags(rawValue: try reader.byte())
        let willQoS = try flags.checkedWillQoS(in: version)
        let keepAlive = try reader.twoBytes()
        let properties = version == .v5 ? try PropertyCodec.read(&reader, at: .connect, from: .client) : []
        try checkAuthentication(properties, isRequired: false)
        let clientID = try reader.string()
        var will: WillMessage?
        if flags.contains(.will) {
            let willProperties = version == .v5 ? try PropertyCodec.read(&reader, at: .will, from: .client) : []
            let topic = try reader.string()
            guard TopicRules.isName(topic) else { throw .malformed("a will topic is no topic name") }
            will = WillMessage(
                topic: topic, payload: try reader.binary(), qos: willQoS,
                isRetained: flags.contains(.willRetain), properties: willProperties)
        }
        return Connect(
            version: version, cleanStart: flags.contains(.cleanStart), keepAlive: keepAlive, properties: properties,
            clientID: clientID, will: will,
            userName: flags.contains(.userName) ? try reader.string() : nil,
            password: flags.contains(.password) ? try reader.binary() : nil)
    }

    static func connack(_ reader: inout PacketReader, in version: ProtocolVersion) throws(CodecError) -> ConnAck {
        let flags = try reader.byte()
        guard flags & 0xFE == 0 else { throw .malformed("reserved CONNACK flags are set") }
        let raw = try reader.byte()
        let isOldForm = version == .v5 && reader.isAtEnd
        let reasonCode: ReasonCode
        if version == .v3_1_1 || isOldForm {
            reasonCode = try oldReturnCode(raw)
            // A server that doesn't speak version 5 answers in 3.1.1. A refusal can be read; an acceptance can't be
            // used.
            guard !isOldForm || reasonCode.isFailure else { throw .malformed("a CONNACK has no properties") }
        } else {
            reasonCode = try code(raw, of: .connack, from: .server, in: version)
        }
        guard flags == 0 || !reasonCode.isFailure else {
            throw .protocolError("a CONNACK that refuses has Session Present set")
        }
        let properties =
            version == .v5 && !isOldForm ? try PropertyCodec.read(&reader, at: .connack, from: .server) : []
        try checkAuthentication(properties, isRequired: false)
        return ConnAck(isSessionPresent: flags == 1, reasonCode: reasonCode, properties: properties)
    }

    private static func oldReturnCode(_ raw: UInt8) throws(CodecError) -> ReasonCode {
        guard raw > 0 else { return .success }
        guard raw <= ReasonCode.oldReturnCodes.count else {
            throw .protocolError("a CONNACK return code is reserved")
        }
        return ReasonCode.oldReturnCodes[Int(raw) - 1]
    }
}

/// The flag byte of CONNECT (MQTT 5.0 section 3.1.2.3).
struct ConnectFlags: OptionSet {
    let rawValue: UInt8

    static let reserved = ConnectFlags(rawValue: 1 << 0)
    static let cleanStart = ConnectFlags(rawValue: 1 << 1)
    static let will = ConnectFlags(rawValue: 1 << 2)
    static let willRetain = ConnectFlags(rawValue: 1 << 5)
    static let password = ConnectFlags(rawValue: 1 << 6)
    static let userName = ConnectFlags(rawValue: 1 << 7)

    static func willQoS(_ qos: QoS) -> ConnectFlags { ConnectFlags(rawValue: qos.rawValue << 3) }

    /// Returns the will's QoS, or throws if the flags contradict each other (3.1.2-3, -11, -12, -13; 3.1.1: 3.1.2-22).
    func checkedWillQoS(in version: ProtocolVersion) throws(CodecError) -> QoS {
        guard !contains(.reserved) else { throw .malformed("the reserved CONNECT flag is set") }
        guard let qos = QoS(rawValue: (rawValue >> 3) & 0b11) else { throw .malformed("a will has QoS 3") }
        guard contains(.will) || (qos == .atMostOnce && !contains(.willRetain)) else {
            throw .malformed("there are will flags without a will")
        }
        guard version == .v5 || contains(.userName) || !contains(.password) else {
            throw .malformed("a password comes without a user name")
        }
        return qos
    }
}

/// The options byte of a subscription (MQTT 5.0 section 3.8.3.1).
enum SubscriptionOptions {
    static func read(
        _ byte: UInt8, filter: String, in version: ProtocolVersion
    ) throws(CodecError) -> Subscription {
        guard byte & (version == .v5 ? 0b1100_0000 : 0b1111_1100) == 0 else {
            throw .malformed("reserved subscription options are set")
        }
        guard let qos = QoS(rawValue: byte & 0b11), let handling = RetainHandling(rawValue: (byte >> 4) & 0b11) else {
            throw .protocolError("a subscription option has no meaning")
        }
        let subscription = Subscription(
            filter, maximumQoS: qos, noLocal: byte & 0b0100 != 0, retainAsPublished: byte & 0b1000 != 0,
            retainHandling: handling)
        try check(subscription)
        return subscription
    }

    static func byte(_ subscription: Subscription, in version: ProtocolVersion) throws(CodecError) -> UInt8 {
        try check(subscription)
        let options =
            (subscription.noLocal ? 0b0100 : 0) | (subscription.retainAsPublished ? 0b1000 : 0)
            | subscription.retainHandling.rawValue << 4
        guard version == .v5 || options == 0 else { throw .malformed("version 3.1.1 has no subscription options") }
        return options | subscription.maximumQoS.rawValue
    }

    private static func check(_ subscription: Subscription) throws(CodecError) {
        guard TopicRules.isFilter(subscription.filter) else { throw .malformed("a topic filter is not well formed") }
        guard !subscription.noLocal || !TopicRules.isShared(subscription.filter) else {
            throw .protocolError("a shared subscription has No Local set")
        }
    }
}
