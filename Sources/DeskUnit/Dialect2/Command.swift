// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// A command as the unit understands it. One that it doesn't understand is nil, and the unit ignores it.
enum Command: Equatable {
    case ack(boot: [UInt8], seq: UInt64, result: AckResult)
    case show(Request)
    case cancel(consultation: [UInt8])
    case queue(waiting: [[UInt8]])
    case status(availability: [UInt8])
    case config(Settings)
    case time(now: UInt64, offsetMinutes: Int32)

    enum AckResult: Equatable {
        case stored
        case duplicate
        case refused(reason: [UInt8])
    }

    /// The settings that `config` may change; nil leaves a setting unchanged.
    struct Settings: Equatable {
        var name: [UInt8]?
        var awayAfter: UInt64?
        var isQuiet: Bool?
        /// A beacon with a weaker signal, in dBm, doesn't count as seen.
        var weakestSignal: Int8?
    }

    init?(_ payload: [UInt8]) {
        guard let json = JSONObject(payload), let type = json.text("type") else { return nil }
        if type == ascii("ack") {
            guard let boot = json.text("boot"), let seq = json.number("seq"), let result = Command.result(json)
            else { return nil }
            self = .ack(boot: boot, seq: seq, result: result)
        } else if type == ascii("show") {
            guard let request = Request(json) else { return nil }
            self = .show(request)
        } else if type == ascii("cancel") {
            guard let consultation = json.id("consultation") else { return nil }
            self = .cancel(consultation: consultation)
        } else if type == ascii("queue") {
            guard let waiting = json.ids("waiting") else { return nil }
            self = .queue(waiting: waiting)
        } else if type == ascii("status") {
            guard let availability = json.text("availability") else { return nil }
            self = .status(availability: availability)
        } else if type == ascii("config") {
            self = .config(
                Settings(
                    name: json.text("name"), awayAfter: json.number("away_after_s").map { $0 &* 1000 },
                    isQuiet: json.flag("quiet"),
                    weakestSignal: json.minutes("rssi_min").map { Int8(clamping: $0) }))
        } else if type == ascii("time") {
            guard let now = json.number("now") else { return nil }
            self = .time(now: now, offsetMinutes: json.minutes("offset_min") ?? 0)
        } else {
            return nil
        }
    }

    private static func result(_ json: JSONObject) -> AckResult? {
        guard let word = json.text("result") else { return nil }
        if word == ascii("stored") { return .stored }
        if word == ascii("duplicate") { return .duplicate }
        return word == ascii("refused") ? .refused(reason: json.text("reason") ?? []) : nil
    }
}
