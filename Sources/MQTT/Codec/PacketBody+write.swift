// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

extension PacketBody {
    static func write(
        _ packet: Packet, _ writer: inout PacketWriter, from sender: Role, in version: ProtocolVersion
    ) throws(CodecError) {
        let fields = Fields(type: packet.type, sender: sender, version: version)
        switch packet {
        case .connect(let connect): try write(connect, &writer)
        case .connack(let connack): try write(connack, &writer, fields)
        case .publish(let publish): try write(publish, &writer, fields)
        case .puback(let ack), .pubrec(let ack), .pubrel(let ack), .pubcomp(let ack): try write(ack, &writer, fields)
        case .subscribe(let subscribe): try write(subscribe, &writer, fields)
        case .suback(let reply), .unsuback(let reply): try write(reply, &writer, fields)
        case .unsubscribe(let unsubscribe): try write(unsubscribe, &writer, fields)
        case .pingreq, .pingresp: return
        case .disconnect(let disconnect):
            try write(disconnect.reasonCode, disconnect.properties, &writer, fields)
        case .auth(let auth):
            try checkAuthentication(auth.properties, isRequired: auth.reasonCode != .success)
            try write(auth.reasonCode, auth.properties, &writer, fields)
        }
    }

    /// The packet type, sender and version that decide what may be written.
    struct Fields {
        let type: PacketType
        let sender: Role
        let version: ProtocolVersion

        func properties(_ properties: Properties, _ writer: inout PacketWriter) throws(CodecError) {
            try PacketBody.write(properties, &writer, at: type.place, from: sender, in: version)
        }

        func check(_ code: ReasonCode) throws(CodecError) {
            guard code.isListed(for: type, from: sender, in: version) else {
                throw .protocolError("a reason code is not one of its packet's")
            }
        }
    }

    static func write(
        _ properties: Properties, _ writer: inout PacketWriter, at place: PropertyPlace, from sender: Role,
        in version: ProtocolVersion
    ) throws(CodecError) {
        switch version {
        case .v5: try PropertyCodec.write(properties, &writer, at: place, from: sender)
        case .v3_1_1: guard properties.isEmpty else { throw .protocolError("version 3.1.1 has no properties") }
        }
    }

    private static func write(
        _ publish: Publish, _ writer: inout PacketWriter, _ fields: Fields
    ) throws(CodecError) {
        if publish.topic.isEmpty {
            guard publish.properties.contains(.topicAlias) else {
                throw .protocolError("a topic is empty, without an alias")
            }
        } else if !TopicRules.isName(publish.topic) {
            throw .malformed("a topic is no topic name")
        }
        try checkPayload(publish.payload, publish.properties)
        try writer.string(publish.topic)
        if let id = publish.delivery.packetID { writer.twoBytes(id.rawValue) }
        try fields.properties(publish.properties, &writer)
        writer.raw(publish.payload)
    }

    /// Throws if the properties call the payload UTF-8 and it isn't.
    static func checkPayload(_ payload: [UInt8], _ properties: Properties) throws(CodecError) {
        guard properties.list.contains(.payloadFormatIsUTF8(true)) else { return }
        guard String(validating: payload, as: UTF8.self) != nil else {
            throw CodecError(
                reasonCode: .payloadFormatInvalid, rule: "a payload is not UTF-8 as it says")
        }
    }

    private static func write(
        _ ack: Acknowledgement, _ writer: inout PacketWriter, _ fields: Fields
    ) throws(CodecError) {
        writer.twoBytes(ack.packetID.rawValue)
        try write(ack.reasonCode, ack.properties, &writer, fields)
    }

    /// Writes the code and properties at the end of a packet, in the shortest form that holds both. 3.1.1 has neither.
    private static func write(
        _ code: ReasonCode, _ properties: Properties, _ writer: inout PacketWriter, _ fields: Fields
    ) throws(CodecError) {
        guard fields.type != .auth || fields.sender == .server || code != .success else {
            throw .protocolError("a client's AUTH never says success")
        }
        try fields.check(code)
        guard fields.version == .v5 else {
            guard properties.isEmpty else { throw .protocolError("version 3.1.1 has no properties") }
            return
        }
        if code == .success, properties.isEmpty { return }
        writer.byte(code.rawValue)
        if properties.isEmpty, fields.type != .auth { return }
        try fields.properties(properties, &writer)
    }

    private static func write(
        _ subscribe: Subscribe, _ writer: inout PacketWriter, _ fields: Fields
    ) throws(CodecError) {
        guard !subscribe.subscriptions.isEmpty else { throw .protocolError("a SUBSCRIBE has no filter") }
        writer.twoBytes(subscribe.packetID.rawValue)
        try fields.properties(subscribe.properties, &writer)
        for subscription in subscribe.subscriptions {
            let options = try SubscriptionOptions.byte(subscription, in: fields.version)
            try writer.string(subscription.filter)
            writer.byte(options)
        }
    }

    private static func write(
        _ reply: SubscribeReply, _ writer: inout PacketWriter, _ fields: Fields
    ) throws(CodecError) {
        let hasCodes = fields.version == .v5 || fields.type == .suback
        guard reply.reasonCodes.isEmpty != hasCodes else {
            throw .malformed("a SUBACK or UNSUBACK has the wrong number of reason codes")
        }
        writer.twoBytes(reply.packetID.rawValue)
        try fields.properties(reply.properties, &writer)
        for code in reply.reasonCodes {
            try fields.check(code)
            writer.byte(code.rawValue)
        }
    }

    private static func write(
        _ unsubscribe: Unsubscribe, _ writer: inout PacketWriter, _ fields: Fields
    ) throws(CodecError) {
        guard !unsubscribe.filters.isEmpty else { throw .protocolError("an UNSUBSCRIBE has no filter") }
        writer.twoBytes(unsubscribe.packetID.rawValue)
        try fields.properties(unsubscribe.properties, &writer)
        for filter in unsubscribe.filters {
            guard TopicRules.isFilter(filter) else { throw .malformed("a topic filter is not well formed") }
            try writer.string(filter)
        }
    }
}
