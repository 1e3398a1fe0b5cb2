// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Builds the payloads of a dialect 1 unit exactly as its firmware does, byte by byte.
enum Payload1 {
    static func status(_ configuration: UnitConfiguration1, _ sense: PresenceSense, at now: Uptime) -> [UInt8] {
        let isPresent = sense.state == .present
        var json = JSONWriter()
        json.raw("faculty_id", configuration.faculty)
        json.text("faculty_name", configuration.name)
        json.flag("present", isPresent)
        json.text("status", isPresent ? "AVAILABLE" : "AWAY")
        json.number("timestamp", stamp(now))
        json.text("ntp_sync_status", "SYNCED")
        if sense.isInGrace { json.number("grace_period_remaining", sense.graceRemaining(at: now)) }
        json.flag("in_grace_period", sense.isInGrace)
        json.text("detailed_status", isPresent ? "AVAILABLE" : "AWAY")
        return json.finished
    }

    static func heartbeat(
        _ configuration: UnitConfiguration1, isPresent: Bool, queued: Int, requests: Int, at now: Uptime
    ) -> [UInt8] {
        var json = JSONWriter()
        json.raw("faculty_id", configuration.faculty)
        json.number("uptime", stamp(now))
        json.number("free_heap", UInt64(176_400))
        json.flag("wifi_connected", true)
        json.number("wifi_rssi", Int8(-61))
        json.text("ntp_sync_status", "SYNCED")
        json.text("presence_status", isPresent ? "AVAILABLE" : "AWAY")
        json.number("queue_size", UInt64(queued))
        json.number("consultation_queue_size", UInt64(requests))
        return json.finished
    }

    static func response(
        _ configuration: UnitConfiguration1, _ type: StaticString, to consultation: [UInt8], isPresent: Bool,
        at now: Uptime
    ) -> [UInt8] {
        var json = JSONWriter()
        json.raw("faculty_id", configuration.faculty)
        json.text("faculty_name", configuration.name)
        json.text("response_type", type)
        json.text("message_id", consultation)
        json.text("timestamp", Decimal.digits(stamp(now)))
        json.flag("faculty_present", isPresent)
        json.text("response_method", "physical_button")
        json.text("status", "Professor answers the request")
        return json.finished
    }

    /// Returns the uptime as the firmware counts it, in 32 bits: it restarts after 49.7 days.
    private static func stamp(_ now: Uptime) -> UInt64 { now.milliseconds & 0xFFFF_FFFF }
}
