// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Reads and writes a packet's properties, with their length in front (MQTT 5.0 section 2.2.2).
enum PropertyCodec {
    /// Refuses a property that is foreign to the place, repeated, of the wrong type, or outside its limits.
    static func read(
        _ reader: inout PacketReader, at place: PropertyPlace, from sender: Role
    ) throws(CodecError) -> Properties {
        try read(&reader, at: place, from: sender, .close).properties
    }

    /// Reads the properties, and counts those that it leaves out: if the policy is to deliver, it leaves out each
    /// property that it would otherwise refuse. A property without a recognizable length is always refused.
    static func read(
        _ reader: inout PacketReader, at place: PropertyPlace, from sender: Role, _ policy: UnreadableMessagePolicy
    ) throws(CodecError) -> (properties: Properties, dropped: Int) {
        let length = try reader.variableByteInteger()
        var (properties, dropped) = (Properties(), 0)
        guard length > 0 else { return (properties, dropped) }
        var section = try reader.section(length)
        var seen: UInt64 = 0
        while !section.isAtEnd {
            guard let id = PropertyID(rawValue: UInt8(clamping: try section.variableByteInteger())) else {
                throw .malformed("a property is unknown")
            }
            let start = section
            do throws(CodecError) {
                let property = try one(id, &section, at: place, from: sender, &seen)
                properties.list.append(property)
            } catch {
                guard policy == .deliver else { throw error }
                section = start
                try skip(id, &section)
                dropped += 1
            }
        }
        return (properties, dropped)
    }

    private static func one(
        _ id: PropertyID, _ section: inout PacketReader, at place: PropertyPlace, from sender: Role,
        _ seen: inout UInt64
    ) throws(CodecError) -> Property {
        // A server may not send Session Expiry Interval in DISCONNECT, but it is accepted: the connection is over
        // anyway.
        guard id.places.contains(place),
            id.isSent(by: sender, in: place) || (id == .sessionExpiryInterval && place == .disconnect)
        else { throw .malformed("a property is foreign to its packet") }
        let bit: UInt64 = 1 << UInt64(id.rawValue)
        guard seen & bit == 0 || id.mayRepeat(in: place) else {
            throw .protocolError("a property comes more than once")
        }
        let property = try value(of: id, &section)
        try check(property)
        seen |= bit
        return property
    }

    /// Skips the value of a property that was refused.
    private static func skip(_ id: PropertyID, _ section: inout PacketReader) throws(CodecError) {
        switch id.form {
        case .bytes(let count): try section.skip(count)
        case .variableByteInteger: _ = try section.variableByteInteger()
        case .lengthPrefixed(let count): for _ in 0..<count { try section.skip(Int(try section.twoBytes())) }
        }
    }

    static func write(
        _ properties: Properties, _ writer: inout PacketWriter, at place: PropertyPlace, from sender: Role
    ) throws(CodecError) {
        let section = writer.openSection()
        var seen: UInt64 = 0
        for property in properties.list {
            let id = property.id
            guard id.isSent(by: sender, in: place) else { throw .protocolError("a property is foreign to its packet") }
            let bit: UInt64 = 1 << UInt64(id.rawValue)
            guard seen & bit == 0 || id.mayRepeat(in: place) else {
                throw .protocolError("a property comes more than once")
            }
            seen |= bit
            try check(property)
            writer.byte(id.rawValue)
            try write(property, &writer)
        }
        try writer.closeSection(section)
    }

    private static func value(of id: PropertyID, _ reader: inout PacketReader) throws(CodecError) -> Property {
        switch id {
        case .payloadFormatIndicator: .payloadFormatIsUTF8(try reader.flag())
        case .messageExpiryInterval: .messageExpiryInterval(try reader.fourBytes())
        case .contentType: .contentType(try reader.string())
        case .responseTopic: .responseTopic(try reader.string())
        case .correlationData: .correlationData(try reader.binary())
        case .subscriptionIdentifier: .subscriptionIdentifier(UInt32(try reader.variableByteInteger()))
        case .sessionExpiryInterval: .sessionExpiryInterval(try reader.fourBytes())
        case .assignedClientIdentifier: .assignedClientIdentifier(try reader.string())
        case .serverKeepAlive: .serverKeepAlive(try reader.twoBytes())
        case .authenticationMethod: .authenticationMethod(try reader.string())
        case .authenticationData: .authenticationData(try reader.binary())
        case .requestProblemInformation: .requestProblemInformation(try reader.flag())
        case .willDelayInterval: .willDelayInterval(try reader.fourBytes())
        case .requestResponseInformation: .requestResponseInformation(try reader.flag())
        case .responseInformation: .responseInformation(try reader.string())
        case .serverReference: .serverReference(try reader.string())
        case .reasonString: .reasonString(try reader.string())
        case .receiveMaximum: .receiveMaximum(try reader.twoBytes())
        case .topicAliasMaximum: .topicAliasMaximum(try reader.twoBytes())
        case .topicAlias: .topicAlias(try reader.twoBytes())
        case .maximumQoS: .maximumQoS(try reader.flag() ? .atLeastOnce : .atMostOnce)
        case .retainAvailable: .retainAvailable(try reader.flag())
        case .userProperty: .userProperty(UserProperty(name: try reader.string(), value: try reader.string()))
        case .maximumPacketSize: .maximumPacketSize(try reader.fourBytes())
        case .wildcardSubscriptionAvailable: .wildcardSubscriptionAvailable(try reader.flag())
        case .subscriptionIdentifierAvailable: .subscriptionIdentifierAvailable(try reader.flag())
        case .sharedSubscriptionAvailable: .sharedSubscriptionAvailable(try reader.flag())
        }
    }

    private static func write(_ property: Property, _ writer: inout PacketWriter) throws(CodecError) {
        switch property {
        case .payloadFormatIsUTF8(let value), .requestProblemInformation(let value),
            .requestResponseInformation(let value), .retainAvailable(let value),
            .wildcardSubscriptionAvailable(let value), .subscriptionIdentifierAvailable(let value),
            .sharedSubscriptionAvailable(let value):
            writer.flag(value)
        case .messageExpiryInterval(let value), .sessionExpiryInterval(let value), .willDelayInterval(let value),
            .maximumPacketSize(let value):
            writer.fourBytes(value)
        case .serverKeepAlive(let value), .receiveMaximum(let value), .topicAliasMaximum(let value),
            .topicAlias(let value):
            writer.twoBytes(value)
        case .contentType(let text), .responseTopic(let text), .assignedClientIdentifier(let text),
            .authenticationMethod(let text), .responseInformation(let text), .serverReference(let text),
            .reasonString(let text):
            try writer.string(text)
        case .correlationData(let bytes), .authenticationData(let bytes): try writer.binary(bytes)
        case .subscriptionIdentifier(let value): try writer.variableByteInteger(Int(value))
        case .maximumQoS(let qos): writer.byte(qos.rawValue)
        case .userProperty(let property):
            try writer.string(property.name)
            try writer.string(property.value)
        }
    }

    /// Checks the limits that hold in both directions.
    private static func check(_ property: Property) throws(CodecError) {
        switch property {
        case .receiveMaximum(0), .maximumPacketSize(0), .subscriptionIdentifier(0):
            throw .protocolError("a property is 0 that may not be")
        case .topicAlias(0): throw CodecError(reasonCode: .topicAliasInvalid, rule: "a topic alias is 0")
        case .responseTopic(let topic) where !TopicRules.isName(topic):
            throw .protocolError("a response topic is no topic name")
        case .maximumQoS(.exactlyOnce): throw .protocolError("a maximum QoS is neither 0 nor 1")
        default: return
        }
    }
}
