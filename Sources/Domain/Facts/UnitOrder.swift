// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// What orders the `status` messages of a unit of dialect 1 (rule 5).
package struct UptimeOrder: Hashable, Sendable {
    /// `timestamp` of the last live status applied, in ms of uptime, and when it arrived.
    package var lastStatus: UptimeStamp?
    /// When the unit started, by its last live heartbeat: arrival − `uptime`.
    package var startedAt: Timestamp?

    package init(lastStatus: UptimeStamp? = nil, startedAt: Timestamp? = nil) {
        self.lastStatus = lastStatus
        self.startedAt = startedAt
    }
}

/// An uptime and when it arrived; if it waited at the broker, as early as it can have been said.
package struct UptimeStamp: Hashable, Sendable {
    /// 0…2³²−1 ms.
    package var uptime: Int64
    package var arrivedAt: Timestamp

    package init(uptime: Int64, arrivedAt: Timestamp) {
        self.uptime = uptime
        self.arrivedAt = arrivedAt
    }
}

/// How often a unit of dialect 1 is heard (rule 7).
package struct HeartbeatRhythm: Hashable, Sendable {
    package var lastHeartbeatAt: Timestamp?
    /// The interval between heartbeats as learned; nil until two were heard.
    package var interval: Span?

    package init(lastHeartbeatAt: Timestamp? = nil, interval: Span? = nil) {
        self.lastHeartbeatAt = lastHeartbeatAt
        self.interval = interval
    }
}
