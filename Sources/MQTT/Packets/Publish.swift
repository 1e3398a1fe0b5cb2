// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// PUBLISH carries a message, in either direction.
struct Publish: Hashable, Sendable {
    var topic: String
    var payload: [UInt8]
    var delivery: Delivery
    var isRetained: Bool
    var properties: Properties = []
    /// The number of properties left out because their values break a rule. Not encoded.
    var droppedProperties = 0
    /// Why the message is not valid; its other fields then hold what could be read. Not encoded.
    var fault: CodecError?

    /// The QoS, and what belongs to it: at QoS 0 there is neither a packet identifier nor a duplicate.
    enum Delivery: Hashable, Sendable {
        case atMostOnce
        case atLeastOnce(PacketID, isDuplicate: Bool)
        case exactlyOnce(PacketID, isDuplicate: Bool)
    }
}

extension Publish.Delivery {
    var qos: QoS {
        switch self {
        case .atMostOnce: .atMostOnce
        case .atLeastOnce: .atLeastOnce
        case .exactlyOnce: .exactlyOnce
        }
    }

    var packetID: PacketID? {
        switch self {
        case .atMostOnce: nil
        case .atLeastOnce(let id, _), .exactlyOnce(let id, _): id
        }
    }

    var isDuplicate: Bool {
        switch self {
        case .atMostOnce: false
        case .atLeastOnce(_, let isDuplicate), .exactlyOnce(_, let isDuplicate): isDuplicate
        }
    }
}
