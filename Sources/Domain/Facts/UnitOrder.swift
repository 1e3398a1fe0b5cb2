// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// The values that order the `status` messages of a dialect 1 unit (rule 5).
package struct UptimeOrder: Hashable, Sendable {
    /// The `timestamp` of the last applied live status, in ms of uptime, and its arrival.
    package var lastStatus: UptimeStamp?
    /// When the unit started, computed from its last live heartbeat: arrival − `uptime`.
    package var startedAt: Timestamp?

    package init(lastStatus: UptimeStamp? = nil, startedAt: Timestamp? = nil) {
        self.lastStatus = lastStatus
        self.startedAt = startedAt
    }
}

/// An uptime and its arrival; for a message that waited at the broker, the earliest moment at which it can have been
/// sent.
package struct UptimeStamp: Hashable, Sendable {
    /// 0…2³²−1 ms.
    package var uptime: Int64
    package var arrivedAt: Timestamp

    package init(uptime: Int64, arrivedAt: Timestamp) {
        self.uptime = uptime
        self.arrivedAt = arrivedAt
    }
}

/// How often a dialect 1 unit sends heartbeats (rule 7).
package struct HeartbeatRhythm: Hashable, Sendable {
    package var lastHeartbeatAt: Timestamp?
    /// The learned interval between heartbeats; nil until two were heard.
    package var interval: Span?

    package init(lastHeartbeatAt: Timestamp? = nil, interval: Span? = nil) {
        self.lastHeartbeatAt = lastHeartbeatAt
        self.interval = interval
    }
}
