// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// The length of a property's value, which its identifier alone decides (MQTT 5.0 table 2-4).
enum PropertyForm: Hashable {
    case bytes(Int)
    case variableByteInteger
    /// A number of strings or pieces of binary data, each with two bytes of length in front.
    case lengthPrefixed(Int)
}

extension PropertyID {
    var form: PropertyForm {
        switch self {
        case .payloadFormatIndicator, .requestProblemInformation, .requestResponseInformation, .maximumQoS,
            .retainAvailable, .wildcardSubscriptionAvailable, .subscriptionIdentifierAvailable,
            .sharedSubscriptionAvailable:
            .bytes(1)
        case .serverKeepAlive, .receiveMaximum, .topicAliasMaximum, .topicAlias: .bytes(2)
        case .messageExpiryInterval, .sessionExpiryInterval, .willDelayInterval, .maximumPacketSize: .bytes(4)
        case .subscriptionIdentifier: .variableByteInteger
        case .contentType, .responseTopic, .correlationData, .assignedClientIdentifier, .authenticationMethod,
            .authenticationData, .responseInformation, .serverReference, .reasonString:
            .lengthPrefixed(1)
        case .userProperty: .lengthPrefixed(2)
        }
    }
}
