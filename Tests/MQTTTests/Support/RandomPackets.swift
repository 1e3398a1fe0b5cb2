// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Randomness

@testable import MQTT

/// Makes valid packets of every type, with every property in every allowed place.
struct RandomPackets {
    let version: ProtocolVersion
    let sender: Role
    var generator: SeededGenerator

    mutating func next() -> Packet {
        let types = PacketType.allCases.filter { $0.isSent(by: sender, in: version) }
        let type = types[generator.below(types.count)]
        switch type {
        case .connect: return .connect(connect())
        case .connack:
            let code = self.code(.connack)
            return .connack(
                ConnAck(
                    isSessionPresent: !code.isFailure && generator.chance(50), reasonCode: code,
                    properties: properties(.connack)))
        case .publish: return .publish(publish())
        case .puback: return .puback(ack(.puback))
        case .pubrec: return .pubrec(ack(.pubrec))
        case .pubrel: return .pubrel(ack(.pubrel))
        case .pubcomp: return .pubcomp(ack(.pubcomp))
        case .subscribe: return .subscribe(subscribe())
        case .suback: return .suback(reply(.suback, isEmpty: false))
        case .unsubscribe:
            return .unsubscribe(
                Unsubscribe(
                    packetID: id(), properties: properties(.unsubscribe),
                    filters: (0...generator.below(3)).map { _ in text() }))
        case .unsuback: return .unsuback(reply(.unsuback, isEmpty: version == .v3_1_1))
        case .pingreq: return .pingreq
        case .pingresp: return .pingresp
        case .disconnect:
            return .disconnect(Disconnect(reasonCode: code(.disconnect), properties: properties(.disconnect)))
        case .auth:
            var properties = properties(.auth)
            let code = code(.auth)
            if properties.authenticationMethod == nil { properties.list.append(.authenticationMethod(text())) }
            return .auth(Auth(reasonCode: code, properties: properties))
        }
    }

    private mutating func connect() -> Connect {
        let userName = generator.chance(50) ? text() : nil
        let mayHavePassword = userName != nil || version == .v5
        return Connect(
            version: version, cleanStart: generator.chance(50), keepAlive: UInt16(generator.below(65_536)),
            properties: properties(.connect), clientID: generator.chance(10) ? "" : text(),
            will: generator.chance(50)
                ? WillMessage(
                    topic: text(), payload: bytes(), qos: qos(), isRetained: generator.chance(50),
                    properties: properties(.will)) : nil,
            userName: userName, password: mayHavePassword && generator.chance(50) ? bytes() : nil)
    }

    private mutating func publish() -> Publish {
        let delivery: Publish.Delivery =
            switch qos() {
            case .atMostOnce: .atMostOnce
            case .atLeastOnce: .atLeastOnce(id(), isDuplicate: generator.chance(50))
            case .exactlyOnce: .exactlyOnce(id(), isDuplicate: generator.chance(50))
            }
        let properties = properties(.publish)
        return Publish(
            topic: properties.contains(.topicAlias) && generator.chance(50) ? "" : text(), payload: bytes(),
            delivery: delivery, isRetained: generator.chance(50), properties: properties)
    }

    private mutating func subscribe() -> Subscribe {
        let subscriptions = (0...generator.below(3)).map { _ in
            let isNew = version == .v5
            return Subscription(
                ["+/a", "#", "a/+/b", "$share/g/a/#", text()][generator.below(5)], maximumQoS: qos(),
                noLocal: false, retainAsPublished: isNew && generator.chance(50),
                retainHandling: isNew ? RetainHandling.allCases[generator.below(3)] : .send)
        }
        return Subscribe(packetID: id(), properties: properties(.subscribe), subscriptions: subscriptions)
    }

    private mutating func ack(_ type: PacketType) -> Acknowledgement {
        Acknowledgement(packetID: id(), reasonCode: code(type), properties: properties(type.place))
    }

    private mutating func reply(_ type: PacketType, isEmpty: Bool) -> SubscribeReply {
        SubscribeReply(
            packetID: id(), properties: properties(type.place),
            reasonCodes: isEmpty ? [] : (0...generator.below(3)).map { _ in code(type) })
    }

    private mutating func code(_ type: PacketType) -> ReasonCode {
        let codes = (UInt8.min...UInt8.max).map(ReasonCode.init(rawValue:))
            .filter { $0.isListed(for: type, from: sender, in: version) }
        return generator.chance(40) && codes.contains(.success) ? .success : codes[generator.below(codes.count)]
    }

    private mutating func properties(_ place: PropertyPlace) -> Properties {
        guard version == .v5, generator.chance(60) else { return [] }
        var list: [Property] = []
        for id in PropertyID.allCases.shuffled(using: &generator) where id.isSent(by: sender, in: place) {
            guard generator.chance(40) else { continue }
            let count = id.mayRepeat(in: place) ? 1 + generator.below(3) : 1
            list += (0..<count).map { _ in property(id) }
        }
        if list.contains(where: { $0.id == .authenticationData }),
            !list.contains(where: { $0.id == .authenticationMethod })
        {
            list.append(.authenticationMethod(text()))
        }
        return Properties(list)
    }

    private mutating func property(_ id: PropertyID) -> Property {
        let short = UInt16(1 + generator.below(65_535))
        let long = UInt32(1 + generator.below(4_294_967_295))
        let flag = generator.chance(50)
        return switch id {
        case .payloadFormatIndicator: .payloadFormatIsUTF8(false)
        case .messageExpiryInterval: .messageExpiryInterval(long)
        case .contentType: .contentType(text())
        case .responseTopic: .responseTopic(text())
        case .correlationData: .correlationData(bytes())
        case .subscriptionIdentifier: .subscriptionIdentifier(UInt32(1 + generator.below(268_435_455)))
        case .sessionExpiryInterval: .sessionExpiryInterval(long)
        case .assignedClientIdentifier: .assignedClientIdentifier(text())
        case .serverKeepAlive: .serverKeepAlive(short)
        case .authenticationMethod: .authenticationMethod(text())
        case .authenticationData: .authenticationData(bytes())
        case .requestProblemInformation: .requestProblemInformation(flag)
        case .willDelayInterval: .willDelayInterval(long)
        case .requestResponseInformation: .requestResponseInformation(flag)
        case .responseInformation: .responseInformation(text())
        case .serverReference: .serverReference(text())
        case .reasonString: .reasonString(text())
        case .receiveMaximum: .receiveMaximum(short)
        case .topicAliasMaximum: .topicAliasMaximum(short)
        case .topicAlias: .topicAlias(short)
        case .maximumQoS: .maximumQoS(flag ? .atLeastOnce : .atMostOnce)
        case .retainAvailable: .retainAvailable(flag)
        case .userProperty: .userProperty(UserProperty(name: text(), value: text()))
        case .maximumPacketSize: .maximumPacketSize(long)
        case .wildcardSubscriptionAvailable: .wildcardSubscriptionAvailable(flag)
        case .subscriptionIdentifierAvailable: .subscriptionIdentifierAvailable(flag)
        case .sharedSubscriptionAvailable: .sharedSubscriptionAvailable(flag)
        }
    }

    private mutating func qos() -> QoS { QoS.allCases[generator.below(3)] }

    private mutating func id() -> PacketID { .of(UInt16(1 + generator.below(65_535))) }

    /// Returns text that is also a topic name, sometimes long enough for every width of a length.
    private mutating func text() -> String {
        let letters = ["a", "Z", "0", "/", " ", "é", "漢", "🙂", "\u{FEFF}"]
        let count = 1 + (generator.chance(3) ? generator.below(5_000) : generator.below(12))
        return (0..<count).map { _ in letters[generator.below(letters.count)] }.joined()
    }

    private mutating func bytes() -> [UInt8] {
        let count = generator.chance(3) ? generator.below(20_000) : generator.below(40)
        return (0..<count).map { _ in UInt8(generator.below(256)) }
    }
}
