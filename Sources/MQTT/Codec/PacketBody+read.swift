// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Reads what follows the fixed header, for each packet type and version (MQTT 5.0 chapter 3).
enum PacketBody {
    static func read(
        _ type: PacketType, flags: UInt8, _ reader: inout PacketReader, from sender: Role, in version: ProtocolVersion,
        _ policy: UnreadableMessagePolicy = .close
    ) throws(CodecError) -> Packet {
        switch type {
        case .connect: .connect(try connect(&reader))
        case .connack: .connack(try connack(&reader, in: version))
        case .publish: .publish(try publish(&reader, flags: flags, from: sender, in: version, policy))
        case .puback: .puback(try acknowledgement(&reader, type, from: sender, in: version))
        case .pubrec: .pubrec(try acknowledgement(&reader, type, from: sender, in: version))
        case .pubrel: .pubrel(try acknowledgement(&reader, type, from: sender, in: version))
        case .pubcomp: .pubcomp(try acknowledgement(&reader, type, from: sender, in: version))
        case .subscribe: .subscribe(try subscribe(&reader, in: version))
        case .suback: .suback(try reply(&reader, type, in: version))
        case .unsubscribe: .unsubscribe(try unsubscribe(&reader, in: version))
        case .unsuback: .unsuback(try reply(&reader, type, in: version))
        case .pingreq: .pingreq
        case .pingresp: .pingresp
        case .disconnect: .disconnect(try disconnect(&reader, from: sender, in: version))
        case .auth: .auth(try auth(&reader, from: sender))
        }
    }

    /// Accepts a code that the packet doesn't list if it is a failure: a newer server may have more codes (MQTT 5.0
    /// 2.4).
    static func code(
        _ raw: UInt8, of type: PacketType, from sender: Role, in version: ProtocolVersion
    ) throws(CodecError) -> ReasonCode {
        let code = ReasonCode(rawValue: raw)
        if code == .success, type != .auth { return code }
        guard code.isListed(for: type, from: sender, in: version) || (code.isFailure && version == .v5) else {
            throw .protocolError("a reason code is not one of its packet's")
        }
        return code
    }

    /// Reads the short forms too: no code and no properties at a Remaining Length of 2, no properties at 3.
    private static func acknowledgement(
        _ reader: inout PacketReader, _ type: PacketType, from sender: Role, in version: ProtocolVersion
    ) throws(CodecError) -> Acknowledgement {
        var packet = Acknowledgement(packetID: try reader.packetID())
        guard version == .v5, !reader.isAtEnd else { return packet }
        packet.reasonCode = try code(try reader.byte(), of: type, from: sender, in: version)
        guard !reader.isAtEnd else { return packet }
        packet.properties = try PropertyCodec.read(&reader, at: type.place, from: sender)
        return packet
    }

    private static func subscribe(
        _ reader: inout PacketReader, in version: ProtocolVersion
    ) throws(CodecError) -> Subscribe {
        let id = try reader.packetID()
        let properties = version == .v5 ? try PropertyCodec.read(&reader, at: .subscribe, from: .client) : []
        var subscriptions: [Subscription] = []
        while !reader.isAtEnd {
            let filter = try reader.string()
            subscriptions.append(try SubscriptionOptions.read(try reader.byte(), filter: filter, in: version))
        }
        guard !subscriptions.isEmpty else { throw .protocolError("a SUBSCRIBE has no filter") }
        return Subscribe(packetID: id, properties: properties, subscriptions: subscriptions)
    }

    private static func unsubscribe(
        _ reader: inout PacketReader, in version: ProtocolVersion
    ) throws(CodecError) -> Unsubscribe {
        let id = try reader.packetID()
        let properties = version == .v5 ? try PropertyCodec.read(&reader, at: .unsubscribe, from: .client) : []
        var filters: [String] = []
        while !reader.isAtEnd {
            let filter = try reader.string()
            guard TopicRules.isFilter(filter) else { throw .malformed("a topic filter is not well formed") }
            filters.append(filter)
        }
        guard !filters.isEmpty else { throw .protocolError("an UNSUBSCRIBE has no filter") }
        return Unsubscribe(packetID: id, properties: properties, filters: filters)
    }

    private static func reply(
        _ reader: inout PacketReader, _ type: PacketType, in version: ProtocolVersion
    ) throws(CodecError) -> SubscribeReply {
        let id = try reader.packetID()
        let properties = version == .v5 ? try PropertyCodec.read(&reader, at: type.place, from: .server) : []
        var codes: [ReasonCode] = []
        if version == .v5 || type == .suback {
            while !reader.isAtEnd { codes.append(try code(try reader.byte(), of: type, from: .server, in: version)) }
            guard !codes.isEmpty else { throw .malformed("a SUBACK or UNSUBACK has no reason code") }
        }
        return SubscribeReply(packetID: id, properties: properties, reasonCodes: codes)
    }

    private static func disconnect(
        _ reader: inout PacketReader, from sender: Role, in version: ProtocolVersion
    ) throws(CodecError) -> Disconnect {
        guard version == .v5, !reader.isAtEnd else { return Disconnect() }
        let reasonCode = try code(try reader.byte(), of: .disconnect, from: sender, in: version)
        guard !reader.isAtEnd else { return Disconnect(reasonCode: reasonCode) }
        let properties = try PropertyCodec.read(&reader, at: .disconnect, from: sender)
        return Disconnect(reasonCode: reasonCode, properties: properties)
    }

    private static func auth(_ reader: inout PacketReader, from sender: Role) throws(CodecError) -> Auth {
        guard !reader.isAtEnd else { return Auth() }
        let reasonCode = try code(try reader.byte(), of: .auth, from: sender, in: .v5)
        let properties = try PropertyCodec.read(&reader, at: .auth, from: sender)
        try checkAuthentication(properties, isRequired: true)
        return Auth(reasonCode: reasonCode, properties: properties)
    }

    /// Throws if Authentication Data comes without a Method, or if a required Method (AUTH) is missing.
    static func checkAuthentication(_ properties: Properties, isRequired: Bool) throws(CodecError) {
        guard !properties.contains(.authenticationMethod) else { return }
        guard !isRequired, !properties.contains(.authenticationData) else {
            throw .protocolError("authentication data comes without a method")
        }
    }
}
