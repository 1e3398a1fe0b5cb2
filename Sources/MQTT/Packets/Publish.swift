// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// PUBLISH: a message on its way, in either direction.
struct Publish: Hashable, Sendable {
    var topic: String
    var payload: [UInt8]
    var delivery: Delivery
    var isRetained: Bool
    var properties: Properties = []
    /// How many properties were left out because their values break a rule. Not written.
    var droppedProperties = 0
    /// Why it can't be believed: then it holds what could be read. Not written.
    var fault: CodecError?

    /// What goes with each QoS: at QoS 0 there is neither an identifier nor a second delivery.
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
