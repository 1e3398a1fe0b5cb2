// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// What a unit of dialect 1 says on `heartbeat` or `diagnostics`. It reports no presence (rule 7), and needs only be an
/// object: every field that is bad is dropped.
package struct Heartbeat: Hashable, Sendable {
    /// ms since the unit's start, 0…2³²−1; nil if it is missing or was dropped.
    package var uptime: Int64?
    /// What the unit says of presence besides: it reports none, but can contradict an unverified last word.
    package var presence: PresenceHint
    /// Bytes.
    package var freeHeap: Int64?
    /// dBm.
    package var wifiRSSI: Int64?
    /// PENDING, SYNCING, SYNCED or FAILED as sent, bounded.
    package var ntpSyncStatus: String?
    /// One of the reports about the clock, which come on the same topic at any time: no beat of the unit's rhythm.
    package var isClockReport: Bool

    package enum PresenceHint: Hashable, Sendable {
        /// It says nothing.
        case none
        case present(Bool)
        /// A word that is none of ours: it agrees with nothing.
        case other
    }

    package static let decidingKeys = ["faculty_id"]

    package init(_ object: JSONObject) {
        uptime = object.whole("uptime", in: uptimeRange)
        presence = PresenceHint(object)
        freeHeap = object.whole("free_heap", in: 0...Int64.max)
        wifiRSSI = object.whole("wifi_rssi", in: -127...20)
        ntpSyncStatus = object.text("ntp_sync_status", limit: 16)
        isClockReport = object.value("ntp_sync_success") != nil
    }
}

extension Heartbeat.PresenceHint {
    /// `presence_status` is rule 7's; one generation says the same by a boolean `faculty_present`. If the two are
    /// there and differ, nothing is agreed.
    init(_ object: JSONObject) {
        let word: Self =
            switch object.string("presence_status") {
            case nil: .none
            case .some(let text) where text.isWord("available"): .present(true)
            case .some(let text) where text.isWord("away"): .present(false)
            case .some: .other
            }
        let flag: Self = object.bool("faculty_present").map { .present($0) } ?? .none
        self =
            switch (word, flag) {
            case (.none, let one), (let one, .none): one
            case (let one, let other): one == other ? one : .other
            }
    }

    /// Whether it can stand beside this last word.
    package func allows(_ present: Bool) -> Bool {
        switch self {
        case .none: true
        case .present(let value): value == present
        case .other: false
        }
    }
}
