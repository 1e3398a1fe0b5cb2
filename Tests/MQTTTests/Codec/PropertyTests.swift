// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Testing

@testable import MQTT

/// Encodes and decodes every property in every place (MQTT 5.0 table 2-4).
@Suite("Codec, properties")
struct PropertyTests {
    /// Lists each property once, with the bytes after its identifier.
    static let samples: [(property: Property, bytes: [UInt8])] = [
        (.payloadFormatIsUTF8(true), [1]),
        (.messageExpiryInterval(258), [0, 0, 1, 2]),
        (.contentType("t"), Bytes.string("t")),
        (.responseTopic("r/1"), Bytes.string("r/1")),
        (.correlationData([0, 255]), [0, 2, 0, 255]),
        (.subscriptionIdentifier(128), [0x80, 0x01]),
        (.sessionExpiryInterval(.max), [255, 255, 255, 255]),
        (.assignedClientIdentifier("id"), Bytes.string("id")),
        (.serverKeepAlive(0), [0, 0]),
        (.authenticationMethod("m"), Bytes.string("m")),
        (.authenticationData([9]), [0, 1, 9]),
        (.requestProblemInformation(false), [0]),
        (.willDelayInterval(7), [0, 0, 0, 7]),
        (.requestResponseInformation(true), [1]),
        (.responseInformation("i"), Bytes.string("i")),
        (.serverReference("s"), Bytes.string("s")),
        (.reasonString("why"), Bytes.string("why")),
        (.receiveMaximum(1), [0, 1]),
        (.topicAliasMaximum(10), [0, 10]),
        (.topicAlias(3), [0, 3]),
        (.maximumQoS(.atLeastOnce), [1]),
        (.retainAvailable(false), [0]),
        (.userProperty(UserProperty(name: "n", value: "")), Bytes.string("n") + [0, 0]),
        (.maximumPacketSize(100), [0, 0, 0, 100]),
        (.wildcardSubscriptionAvailable(true), [1]),
        (.subscriptionIdentifierAvailable(false), [0]),
        (.sharedSubscriptionAvailable(true), [1]),
    ]

    /// Returns the bytes of a packet with these properties in one place, and its sender.
    static func carrier(_ place: PropertyPlace, _ section: [UInt8]) -> (sender: Role, bytes: [UInt8])? {
        let connect: [UInt8] = Bytes.string("MQTT") + [5]
        return switch place {
        case .connect: (.client, Bytes.packet(0x10, connect, [0, 0, 0], section, [0, 0]))
        case .will:
            (.client, Bytes.packet(0x10, connect, [4, 0, 0, 0, 0, 0], section, Bytes.string("w"), [0, 0]))
        case .connack: (.server, Bytes.packet(0x20, [0, 0], section))
        case .publish: (.server, Bytes.packet(0x30, Bytes.string("a"), section))
        case .puback: (.server, Bytes.packet(0x40, [0, 1, 0], section))
        case .pubrec: (.server, Bytes.packet(0x50, [0, 1, 0], section))
        case .pubrel: (.server, Bytes.packet(0x62, [0, 1, 0], section))
        case .pubcomp: (.server, Bytes.packet(0x70, [0, 1, 0], section))
        case .subscribe: (.client, Bytes.packet(0x82, [0, 1], section, Bytes.string("a"), [0]))
        case .suback: (.server, Bytes.packet(0x90, [0, 1], section, [0]))
        case .unsubscribe: (.client, Bytes.packet(0xA2, [0, 1], section, Bytes.string("a")))
        case .unsuback: (.server, Bytes.packet(0xB0, [0, 1], section, [0]))
        case .disconnect: (.server, Bytes.packet(0xE0, [0x80], section))
        case .auth: (.server, Bytes.packet(0xF0, [0x18], section))
        default: nil
        }
    }

    static let places: [PropertyPlace] = (0..<14).map { PropertyPlace(rawValue: 1 << $0) }

    @Test func theTableIsWhole() {
        #expect(Set(Self.samples.map(\.property.id)) == Set(PropertyID.allCases))
        #expect(Self.samples.count == 27)
    }

    @Test(arguments: places)
    func propertiesAreTakenWhereTheyBelongAndRefusedElsewhere(place: PropertyPlace) throws {
        for sample in Self.samples {
            var section = [sample.property.id.rawValue] + sample.bytes
            let needsMethod = place == .auth || sample.property.id == .authenticationData
            if needsMethod, sample.property.id != .authenticationMethod {
                section += [0x15] + Bytes.string("m")
            }
            guard let (sender, bytes) = Self.carrier(place, Bytes.properties(section)) else { continue }
            let refusal = Bytes.refusal(bytes, from: sender)
            let isForbiddenButTaken = sample.property.id == .sessionExpiryInterval && place == .disconnect
            if sample.property.id.isSent(by: sender, in: place) {
                #expect(refusal == nil, "\(sample.property) in \(place)")
                let packet = try #require(try Bytes.decode(bytes, from: sender))
                #expect(try Bytes.encode(packet, from: sender) == bytes, "\(sample.property) in \(place)")
            } else if isForbiddenButTaken {
                #expect(refusal == nil, "\(sample.property) in \(place)")
            } else {
                #expect(refusal == .malformedPacket, "\(sample.property) in \(place)")
            }
        }
    }

    @Test(arguments: places)
    func onlyUserPropertiesAndAServersSubscriptionIdentifiersMayRepeat(place: PropertyPlace) {
        for sample in Self.samples {
            var section = [sample.property.id.rawValue] + sample.bytes
            section += section
            if sample.property.id != .authenticationMethod { section += [0x15] + Bytes.string("m") }
            let allowsMethod = PropertyID.authenticationMethod.places.contains(place)
            if !allowsMethod { section = Array(section.prefix(2 * (1 + sample.bytes.count))) }
            guard let (sender, bytes) = Self.carrier(place, Bytes.properties(section)),
                sample.property.id.isSent(by: sender, in: place)
            else { continue }
            let expected: ReasonCode? = sample.property.id.mayRepeat(in: place) ? nil : .protocolError
            #expect(Bytes.refusal(bytes, from: sender) == expected, "\(sample.property) in \(place)")
        }
        #expect(PropertyID.allCases.filter { $0.mayRepeat(in: .publish) } == [.subscriptionIdentifier, .userProperty])
        #expect(PropertyID.allCases.filter { $0.mayRepeat(in: .subscribe) } == [.userProperty])
    }

    static let badValues: [(text: String, place: PropertyPlace, bytes: [UInt8], code: ReasonCode)] = [
        ("Receive Maximum 0", .connack, [0x21, 0, 0], .protocolError),
        ("Maximum Packet Size 0", .connack, [0x27, 0, 0, 0, 0], .protocolError),
        ("3.3.2-8 Topic Alias 0", .publish, [0x23, 0, 0], .topicAliasInvalid),
        ("Subscription Identifier 0", .publish, [0x0B, 0], .protocolError),
        ("Payload Format 2", .publish, [0x01, 2], .protocolError),
        ("Maximum QoS 2", .connack, [0x24, 2], .protocolError),
        ("Retain Available 2", .connack, [0x25, 2], .protocolError),
        ("Request Problem Information 2", .connect, [0x17, 2], .protocolError),
        ("Request Response Information 255", .connect, [0x19, 255], .protocolError),
        ("Wildcard Subscription Available 2", .connack, [0x28, 2], .protocolError),
        ("Subscription Identifier Available 2", .connack, [0x29, 2], .protocolError),
        ("Shared Subscription Available 2", .connack, [0x2A, 2], .protocolError),
        ("an unknown property", .connack, [0x04, 1], .malformedPacket),
        ("an unknown property of two bytes", .connack, [0x80, 0x01], .malformedPacket),
        ("a cut value", .connack, [0x21, 0], .malformedPacket),
        ("3.3.2-19 a Content Type that is not UTF-8", .publish, [0x03, 0, 1, 0xFF], .malformedPacket),
        ("3.3.2-13 a Response Topic that is not UTF-8", .publish, [0x08, 0, 1, 0xFF], .malformedPacket),
        ("Authentication Data without a method", .connack, [0x16, 0, 0], .protocolError),
    ]

    @Test(arguments: badValues)
    func valuesOutsideTheirLimitsAreRefused(
        row: (text: String, place: PropertyPlace, bytes: [UInt8], code: ReasonCode)
    ) throws {
        let carrier = try #require(Self.carrier(row.place, Bytes.properties(row.bytes)))
        #expect(Bytes.refusal(carrier.bytes, from: carrier.sender) == row.code, "\(row.text)")
    }

    @Test(
        arguments: [
            .receiveMaximum(0), .maximumPacketSize(0), .maximumQoS(.exactlyOnce),
        ] as [Property])
    func valuesOutsideTheirLimitsAreNeverSent(property: Property) {
        let packet = Packet.connack(ConnAck(isSessionPresent: false, reasonCode: .success, properties: [property]))
        #expect(Bytes.encodingIsRefused(packet, from: .server))
    }

    /// Covers 3.3.2-8, 3.3.4-6, and a payload that is called UTF-8 but isn't.
    @Test func aClientsPublishHasNoForeignProperties() {
        #expect(Bytes.encodingIsRefused(.publish(.once("a", [], [.subscriptionIdentifier(1)]))))
        #expect(!Bytes.encodingIsRefused(.publish(.once("a", [], [.subscriptionIdentifier(1)])), from: .server))
        #expect(Bytes.encodingIsRefused(.publish(.once("a", [], [.topicAlias(0)]))))
        #expect(Bytes.encodingIsRefused(.publish(.once("a", [0xFF], [.payloadFormatIsUTF8(true)]))))
        #expect(Bytes.encodingIsRefused(.publish(.once("a", [], [.reasonString("no")]))))
        #expect(Bytes.encodingIsRefused(.publish(.once("a", [], [.contentType("x"), .contentType("y")]))))
    }

    /// 2.2.2-1: the length is written even if it is 0; 3.1.1 has no properties at all.
    @Test func noPropertiesAreALengthOf0() throws {
        #expect(try Bytes.encode(.publish(.once("a"))) == [0x30, 4, 0, 1, 0x61, 0])
        #expect(try Bytes.encode(.publish(.once("a")), .v3_1_1) == [0x30, 3, 0, 1, 0x61])
        let packet = Packet.publish(.once("a", [], [.contentType("x")]))
        #expect(Bytes.encodingIsRefused(packet, .v3_1_1))
        #expect(Bytes.refusal(Bytes.packet(0x30, Bytes.string("a"))) == .malformedPacket)
        #expect(Bytes.refusal(Bytes.packet(0x30, Bytes.string("a"), [5])) == .malformedPacket)
    }
}
