// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain

extension UnitCommand {
    /// Reads a `command` payload as the unit of that name would; nil if the unit could not. It serves `consultease wire
    /// --as server` and tests of the encoder; simulated units have a reader of their own.
    package init?(payload: [UInt8], unit: UnitID) {
        guard case .object(let object) = try? PayloadBody.read(payload) else { return nil }
        self.init(object, unit: unit)
    }

    init?(_ object: JSONObject, unit: UnitID) {
        switch object.string("type")?.asciiLowercased {
        case "ack":
            guard let number = try? EventNumber(object), let result = UnitReply.Result(object) else { return nil }
            self = .ack(UnitReply(unit: unit, boot: number.boot, seq: number.seq, result: result))
        case "show":
            guard let show = Show(object) else { return nil }
            self = .show(show)
        case "cancel":
            guard let consultation = try? object.consultation() else { return nil }
            self = .cancel(consultation, reason: object.string("reason") ?? "")
        case "queue":
            guard case .array(let elements) = object.value("waiting") else { return nil }
            let ids = elements.compactMap { $0.id.flatMap { ConsultationID($0) } }
            guard ids.count == elements.count else { return nil }
            self = .queue(ids)
        case "status":
            guard let word = object.string("availability"), let state = AvailabilityState(rawValue: word) else {
                return nil
            }
            self = .status(state, until: object.whole("until", in: 0...Int64.max).map(Timestamp.init(milliseconds:)))
        case "config":
            guard let config = Config(object) else { return nil }
            self = .config(config)
        case "time":
            guard let now = object.whole("now", in: 0...Int64.max),
                let offset = object.whole("offset_min", in: -1440...1440)
            else { return nil }
            self = .time(now: Timestamp(milliseconds: now), offsetMinutes: offset)
        default:
            return nil
        }
    }
}

extension UnitReply.Result {
    init?(_ object: JSONObject) {
        switch object.string("result")?.asciiLowercased {
        case "stored": self = .stored
        case "duplicate": self = .duplicate
        case "refused":
            guard let reason = object.string("reason").flatMap(RefusalReason.init(rawValue:)) else { return nil }
            self = .refused(reason)
        default: return nil
        }
    }
}

extension UnitCommand.Show {
    init?(_ object: JSONObject) {
        guard let consultation = try? object.consultation(), let student = object.string("student") else { return nil }
        self.init(
            consultation: consultation, student: student, topic: object.string("topic") ?? "",
            text: object.string("text") ?? "",
            askedAt: Timestamp(milliseconds: object.whole("asked_at", in: 0...Int64.max) ?? 0),
            position: object.whole("position", in: 1...Int64.max) ?? 1, of: object.whole("of", in: 1...Int64.max) ?? 1)
    }
}

extension UnitCommand.Config {
    init?(_ object: JSONObject) {
        guard let version = object.whole("version", in: 0...Int64.max),
            case .array(let texts) = object.value("beacons"),
            let rssiMin = object.whole("rssi_min", in: -127...20),
            let awayAfter = object.whole("away_after_s", in: 0...Int64.max), let isQuiet = object.bool("quiet")
        else { return nil }
        let beacons = texts.compactMap { text in
            if case .string(let text) = text { BeaconAddress(text) } else { nil }
        }
        guard beacons.count == texts.count else { return nil }
        self.init(
            version: version, name: object.string("name") ?? "", beacons: beacons, rssiMin: rssiMin,
            awayAfterSeconds: awayAfter, isQuiet: isQuiet)
    }
}
