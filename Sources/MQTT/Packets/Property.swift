// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// One property of a packet (MQTT 5.0 section 2.2.2.2). A value that may only be 0 or 1 is a `Bool`.
enum Property: Hashable, Sendable {
    case payloadFormatIsUTF8(Bool)
    case messageExpiryInterval(UInt32)
    case contentType(String)
    case responseTopic(String)
    case correlationData([UInt8])
    case subscriptionIdentifier(UInt32)
    case sessionExpiryInterval(UInt32)
    case assignedClientIdentifier(String)
    case serverKeepAlive(UInt16)
    case authenticationMethod(String)
    case authenticationData([UInt8])
    case requestProblemInformation(Bool)
    case willDelayInterval(UInt32)
    case requestResponseInformation(Bool)
    case responseInformation(String)
    case serverReference(String)
    case reasonString(String)
    case receiveMaximum(UInt16)
    case topicAliasMaximum(UInt16)
    case topicAlias(UInt16)
    case maximumQoS(QoS)
    case retainAvailable(Bool)
    case userProperty(UserProperty)
    case maximumPacketSize(UInt32)
    case wildcardSubscriptionAvailable(Bool)
    case subscriptionIdentifierAvailable(Bool)
    case sharedSubscriptionAvailable(Bool)
}

/// One name and value of the application's own; names may repeat, and their order is kept.
package struct UserProperty: Hashable, Sendable {
    package let name: String
    package let value: String

    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

/// The properties of one packet, in their order on the wire.
struct Properties: Hashable, Sendable, ExpressibleByArrayLiteral {
    var list: [Property]

    init(_ list: [Property] = []) {
        self.list = list
    }

    init(arrayLiteral elements: Property...) {
        list = elements
    }

    var isEmpty: Bool { list.isEmpty }

    var reasonString: String? {
        for case .reasonString(let text) in list { return text }
        return nil
    }

    var authenticationMethod: String? {
        for case .authenticationMethod(let method) in list { return method }
        return nil
    }

    func contains(_ id: PropertyID) -> Bool { list.contains { $0.id == id } }
}
