// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain

/// A message that the server sends to a unit of dialect 2 on its `command` topic.
package enum UnitCommand: Hashable, Sendable {
    case ack(UnitReply)
    case show(Show)
    case cancel(ConsultationID, reason: String)
    /// The consultations of the screen, in order; the unit removes every other one.
    case queue([ConsultationID])
    /// What screens show about the unit's owner.
    case status(AvailabilityState, until: Timestamp?)
    case config(Config)
    case time(now: Timestamp, offsetMinutes: Int64)

    package struct Show: Hashable, Sendable {
        package var consultation: ConsultationID
        package var student: String
        package var topic: String
        package var text: String
        package var askedAt: Timestamp
        /// The place in the queue, from 1.
        package var position: Int64
        package var of: Int64

        package init(
            consultation: ConsultationID, student: String, topic: String, text: String, askedAt: Timestamp,
            position: Int64, of: Int64
        ) {
            self.consultation = consultation
            self.student = student
            self.topic = topic
            self.text = text
            self.askedAt = askedAt
            self.position = position
            self.of = of
        }
    }

    package struct Config: Hashable, Sendable {
        package var version: Int64
        package var name: String
        package var beacons: [BeaconAddress]
        /// The weakest signal in dBm that counts as present.
        package var rssiMin: Int64
        package var awayAfterSeconds: Int64
        package var isQuiet: Bool

        package init(
            version: Int64, name: String, beacons: [BeaconAddress], rssiMin: Int64, awayAfterSeconds: Int64,
            isQuiet: Bool
        ) {
            self.version = version
            self.name = name
            self.beacons = beacons
            self.rssiMin = rssiMin
            self.awayAfterSeconds = awayAfterSeconds
            self.isQuiet = isQuiet
        }
    }
}

extension UnitCommand {
    /// The payload as JSON. Times are UTC in ms, as numbers.
    package var encoded: [UInt8] { json.encoded }

    private var json: JSONValue {
        switch self {
        case .ack(let reply):
            var members: [JSONObject.Member] = [
                .init("type", "ack"), .init("boot", .string(reply.boot.rawValue)), .init("seq", JSONValue(reply.seq)),
                .init("result", .string(reply.result.word)),
            ]
            if case .refused(let reason) = reply.result { members.append(.init("reason", .string(reason.rawValue))) }
            return .object(JSONObject(members))
        case .show(let show):
            return [
                "type": "show", "consultation": JSONValue(show.consultation.rawValue), "student": .string(show.student),
                "topic": .string(show.topic), "text": .string(show.text),
                "asked_at": JSONValue(show.askedAt.milliseconds),
                "position": JSONValue(show.position), "of": JSONValue(show.of),
            ]
        case .cancel(let consultation, let reason):
            return ["type": "cancel", "consultation": JSONValue(consultation.rawValue), "reason": .string(reason)]
        case .queue(let waiting):
            return ["type": "queue", "waiting": .array(waiting.map { JSONValue($0.rawValue) })]
        case .status(let availability, let until):
            return [
                "type": "status", "availability": .string(availability.rawValue),
                "until": JSONValue(until?.milliseconds),
            ]
        case .config(let config):
            return [
                "type": "config", "version": JSONValue(config.version), "name": .string(config.name),
                "beacons": .array(config.beacons.map { .string($0.rawValue) }), "rssi_min": JSONValue(config.rssiMin),
                "away_after_s": JSONValue(config.awayAfterSeconds), "quiet": .bool(config.isQuiet),
            ]
        case .time(let now, let offset):
            return ["type": "time", "now": JSONValue(now.milliseconds), "offset_min": JSONValue(offset)]
        }
    }
}

extension UnitReply.Result {
    package var word: String {
        switch self {
        case .stored: "stored"
        case .duplicate: "duplicate"
        case .refused: "refused"
        }
    }
}
