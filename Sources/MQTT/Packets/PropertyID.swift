// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// The identifiers of the properties, and the packets that may hold each (MQTT 5.0 table 2-4).
enum PropertyID: UInt8, Sendable, CaseIterable {
    case payloadFormatIndicator = 0x01
    case messageExpiryInterval = 0x02
    case contentType = 0x03
    case responseTopic = 0x08
    case correlationData = 0x09
    case subscriptionIdentifier = 0x0B
    case sessionExpiryInterval = 0x11
    case assignedClientIdentifier = 0x12
    case serverKeepAlive = 0x13
    case authenticationMethod = 0x15
    case authenticationData = 0x16
    case requestProblemInformation = 0x17
    case willDelayInterval = 0x18
    case requestResponseInformation = 0x19
    case responseInformation = 0x1A
    case serverReference = 0x1C
    case reasonString = 0x1F
    case receiveMaximum = 0x21
    case topicAliasMaximum = 0x22
    case topicAlias = 0x23
    case maximumQoS = 0x24
    case retainAvailable = 0x25
    case userProperty = 0x26
    case maximumPacketSize = 0x27
    case wildcardSubscriptionAvailable = 0x28
    case subscriptionIdentifierAvailable = 0x29
    case sharedSubscriptionAvailable = 0x2A

    var places: PropertyPlace {
        switch self {
        case .payloadFormatIndicator, .messageExpiryInterval, .contentType, .responseTopic, .correlationData:
            [.publish, .will]
        case .subscriptionIdentifier: [.publish, .subscribe]
        case .sessionExpiryInterval: [.connect, .connack, .disconnect]
        case .authenticationMethod, .authenticationData: [.connect, .connack, .auth]
        case .receiveMaximum, .topicAliasMaximum, .maximumPacketSize: [.connect, .connack]
        case .assignedClientIdentifier, .serverKeepAlive, .responseInformation, .maximumQoS, .retainAvailable,
            .wildcardSubscriptionAvailable, .subscriptionIdentifierAvailable, .sharedSubscriptionAvailable:
            .connack
        case .requestProblemInformation, .requestResponseInformation: .connect
        case .willDelayInterval: .will
        case .serverReference: [.connack, .disconnect]
        case .reasonString:
            [.connack, .puback, .pubrec, .pubrel, .pubcomp, .suback, .unsuback, .disconnect, .auth]
        case .topicAlias: .publish
        case .userProperty: .all
        }
    }

    /// Whether a sender may put it there. A server may not send Session Expiry Interval in DISCONNECT; a client may not
    /// send Subscription Identifier in PUBLISH, nor Server Reference.
    func isSent(by sender: Role, in place: PropertyPlace) -> Bool {
        guard places.contains(place) else { return false }
        switch self {
        case .sessionExpiryInterval: return place != .disconnect || sender == .client
        case .subscriptionIdentifier: return place != .publish || sender == .server
        case .serverReference: return sender == .server
        default: return true
        }
    }

    /// Whether one packet may hold it more than once.
    func mayRepeat(in place: PropertyPlace) -> Bool {
        self == .userProperty || (self == .subscriptionIdentifier && place == .publish)
    }
}

/// The packets, and the will, that can hold properties.
struct PropertyPlace: OptionSet, Sendable {
    let rawValue: UInt16

    static let connect = PropertyPlace(rawValue: 1 << 0)
    static let will = PropertyPlace(rawValue: 1 << 1)
    static let connack = PropertyPlace(rawValue: 1 << 2)
    static let publish = PropertyPlace(rawValue: 1 << 3)
    static let puback = PropertyPlace(rawValue: 1 << 4)
    static let pubrec = PropertyPlace(rawValue: 1 << 5)
    static let pubrel = PropertyPlace(rawValue: 1 << 6)
    static let pubcomp = PropertyPlace(rawValue: 1 << 7)
    static let subscribe = PropertyPlace(rawValue: 1 << 8)
    static let suback = PropertyPlace(rawValue: 1 << 9)
    static let unsubscribe = PropertyPlace(rawValue: 1 << 10)
    static let unsuback = PropertyPlace(rawValue: 1 << 11)
    static let disconnect = PropertyPlace(rawValue: 1 << 12)
    static let auth = PropertyPlace(rawValue: 1 << 13)
    static let all = PropertyPlace(rawValue: (1 << 14) - 1)
}

extension Property {
    var id: PropertyID {
        switch self {
        case .payloadFormatIsUTF8: .payloadFormatIndicator
        case .messageExpiryInterval: .messageExpiryInterval
        case .contentType: .contentType
        case .responseTopic: .responseTopic
        case .correlationData: .correlationData
        case .subscriptionIdentifier: .subscriptionIdentifier
        case .sessionExpiryInterval: .sessionExpiryInterval
        case .assignedClientIdentifier: .assignedClientIdentifier
        case .serverKeepAlive: .serverKeepAlive
        case .authenticationMethod: .authenticationMethod
        case .authenticationData: .authenticationData
        case .requestProblemInformation: .requestProblemInformation
        case .willDelayInterval: .willDelayInterval
        case .requestResponseInformation: .requestResponseInformation
        case .responseInformation: .responseInformation
        case .serverReference: .serverReference
        case .reasonString: .reasonString
        case .receiveMaximum: .receiveMaximum
        case .topicAliasMaximum: .topicAliasMaximum
        case .topicAlias: .topicAlias
        case .maximumQoS: .maximumQoS
        case .retainAvailable: .retainAvailable
        case .userProperty: .userProperty
        case .maximumPacketSize: .maximumPacketSize
        case .wildcardSubscriptionAvailable: .wildcardSubscriptionAvailable
        case .subscriptionIdentifierAvailable: .subscriptionIdentifierAvailable
        case .sharedSubscriptionAvailable: .sharedSubscriptionAvailable
        }
    }
}
