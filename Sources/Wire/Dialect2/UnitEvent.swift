// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Domain

/// One event of a dialect 2 unit. Its `boot` and `seq` could be read, so the server can acknowledge it.
package struct UnitEvent: Hashable, Sendable {
    package var number: EventNumber
    /// Uptime in ms; nil if it is missing or invalid.
    package var uptime: Int64?
    /// The event's content, or why it is refused. The judge first checks whether the event was seen before (rule 11),
    /// so a repeated event with a bad body is a duplicate and not refused again.
    package var content: Result<Content, RefusalReason>

    package enum Content: Hashable, Sendable {
        case presence(Bool, isGrace: Bool)
        case answer(ConsultationID, DeskAnswer)
        /// The consultation is shown on the unit's screen.
        case shown(ConsultationID)
        case beat(UnitHealth)
    }

    package init(number: EventNumber, uptime: Int64? = nil, content: Result<Content, RefusalReason>) {
        self.number = number
        self.uptime = uptime
        self.content = content
    }
}

/// Identifies one event of a unit; its `ack` repeats it.
package struct EventNumber: Hashable, Sendable {
    package var boot: BootID
    /// The sequence number: 1 for the first event of a boot, then one more for each.
    package var seq: Int64

    package init(boot: BootID, seq: Int64) {
        self.boot = boot
        self.seq = seq
    }
}

/// A button of a unit of dialect 2.
package enum DeskAnswer: Hashable, Sendable {
    case accept
    /// Accepted, but only in this many minutes: 1…480.
    case later(minutes: Int64)
    case busy
    case decline

    package var action: ConsultationAction {
        switch self {
        case .accept, .later: .accept
        case .busy: .busy
        case .decline: .decline
        }
    }

    /// The minutes that the answer *later* promised.
    package var minutes: Int64? {
        if case .later(let minutes) = self { minutes } else { nil }
    }
}

/// The measurements of a beat. Each is nil if it is missing or invalid.
package struct UnitHealth: Hashable, Sendable {
    /// Signal strength in dBm, −127…20.
    package var rssi: Int64?
    /// Free heap in bytes.
    package var heap: Int64?
    package var battery: Double?

    package init(rssi: Int64? = nil, heap: Int64? = nil, battery: Double? = nil) {
        self.rssi = rssi
        self.heap = heap
        self.battery = battery
    }
}

extension UnitEvent {
    /// The keys that decide on `event` and may not be repeated. `minutes` is checked apart: it decides only with
    /// "later".
    static let decidingKeys = ["boot", "seq", "type", "present", "consultation", "answer"]

    init(_ object: JSONObject) throws(RefusalReason) {
        self.init(
            number: try EventNumber(object), uptime: object.whole("up", in: 0...Int64.max),
            content: Result { () throws(RefusalReason) in try Content(object) })
    }
}

extension EventNumber {
    init(_ object: JSONObject) throws(RefusalReason) {
        guard case .string(let text) = object.value("boot"), let boot = BootID(text) else { throw .badBoot }
        guard let seq = object.whole("seq", in: 1...Int64.max) else { throw .badSeq }
        self.init(boot: boot, seq: seq)
    }
}

extension UnitEvent.Content {
    fileprivate init(_ object: JSONObject) throws(RefusalReason) {
        guard case .string(let type) = object.value("type") else { throw .badType }
        switch type.asciiLowercased {
        case "presence":
            guard case .bool(let present) = object.value("present") else { throw .badPresent }
            self = .presence(present, isGrace: object.bool("grace") ?? false)
        case "answer":
            self = .answer(try object.consultation(), try DeskAnswer(object))
        case "shown":
            self = .shown(try object.consultation())
        case "beat":
            self = .beat(
                UnitHealth(
                    rssi: object.whole("rssi", in: -127...20), heap: object.whole("heap", in: 0...Int64.max),
                    battery: object.measure("battery")))
        default:
            throw .badType
        }
    }
}

extension DeskAnswer {
    fileprivate init(_ object: JSONObject) throws(RefusalReason) {
        guard case .string(let word) = object.value("answer") else { throw .badAnswer }
        switch word.asciiLowercased {
        case "accept": self = .accept
        case "busy": self = .busy
        case "decline": self = .decline
        case "later":
            if object.repeats(anyOf: ["minutes"]) { throw .repeatedKey }
            guard let minutes = object.whole("minutes", in: 1...480) else { throw .badMinutes }
            self = .later(minutes: minutes)
        default: throw .badAnswer
        }
    }
}

extension JSONObject {
    func consultation() throws(RefusalReason) -> ConsultationID {
        guard let id = value("consultation")?.id.flatMap({ ConsultationID($0) }) else { throw .badConsultation }
        return id
    }

    /// Returns a number that is not negative, or nil.
    fileprivate func measure(_ key: String) -> Double? {
        guard case .number(let number) = value(key), !number.isNegative else { return nil }
        return number.double
    }
}
