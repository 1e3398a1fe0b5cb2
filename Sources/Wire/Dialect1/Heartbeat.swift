// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// A message of a dialect 1 unit on `heartbeat` or `diagnostics`. It reports no presence (rule 7). It must be a JSON
/// object; any invalid field is dropped.
package struct Heartbeat: Hashable, Sendable {
    /// Milliseconds since the unit's start, 0…2³²−1; nil if the field is missing or invalid.
    package var uptime: Int64?
    /// What the heartbeat says about presence. It is no report, but it may contradict an unverified last word.
    package var presence: PresenceHint
    /// Free memory in bytes.
    package var freeHeap: Int64?
    /// Signal strength in dBm.
    package var wifiRSSI: Int64?
    /// PENDING, SYNCING, SYNCED or FAILED as sent, of bounded length.
    package var ntpSyncStatus: String?
    /// Whether this is a report about the clock. Units send those on the same topic at any time, so they don't count
    /// for the heartbeat's rhythm.
    package var isClockReport: Bool

    package enum PresenceHint: Hashable, Sendable {
        /// The heartbeat says nothing about presence.
        case none
        case present(Bool)
        /// The heartbeat has a word that the protocol doesn't know, which agrees with no presence.
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
    /// Reads `presence_status` (rule 7), and `faculty_present`, a boolean that one generation sends instead. If both
    /// are there and differ, the hint is `other`.
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

    /// Whether the hint agrees with this last word.
    package func allows(_ present: Bool) -> Bool {
        switch self {
        case .none: true
        case .present(let value): value == present
        case .other: false
        }
    }
}
