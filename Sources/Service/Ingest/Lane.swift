// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Wire

/// Whose share of a queue a message takes: what one unit says on one topic has a share of its own, and all that comes
/// on topics where no unit speaks has one together. Known from the topic alone, before a byte of the payload is read.
enum Lane: Hashable, Sendable {
    case topic(Topic)
    case others

    init(_ topic: Topic?) {
        switch topic {
        case .status, .macStatus, .heartbeat, .diagnostics, .professorStatus, .responses, .state, .event:
            self = topic.map(Self.topic) ?? .others
        case .mirror, .messages, .requests, .cancellations, .statusUpdate, .systemNotifications, .command,
            .unreadableID, nil:
            self = .others
        }
    }

    /// Whether answers come here: the first one stands, so a newer one never takes an older one's place.
    var holdsAnswers: Bool {
        switch self {
        case .topic(.responses), .topic(.event): true
        case .topic, .others: false
        }
    }

    /// Nil if no unit is named.
    var unit: UnitID? {
        switch self {
        case .topic(let topic): topic.unit
        case .others: nil
        }
    }
}

/// How much may wait, and how much of it one lane may take at QoS 0, in messages and in bytes.
struct QueueLimits: Sendable, Hashable {
    let messages: Int
    let bytes: Int
    let laneMessages: Int
    let laneBytes: Int

    /// A lane has an eighth of the messages, but 64 at least, and room for sixteen of the largest.
    init(messages: Int, bytes: Int = 48 << 20, laneMessages: Int? = nil, laneBytes: Int = 1 << 20) {
        precondition(messages > 0 && bytes > 0, "a queue without room takes nothing")
        self.messages = messages
        self.bytes = bytes
        self.laneMessages = laneMessages ?? max(64, messages / 8)
        self.laneBytes = laneBytes
    }
}
