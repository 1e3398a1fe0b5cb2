// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation

@testable import Simulation

/// The protocol's rules in their shortest form: a stand-in for the server's judge, so that the fleet and its oracle can
/// be tested without a server. Pure.
struct MiniJudge {
    /// A defect of a broken server.
    enum Defect: String, CaseIterable {
        /// The server applies the message that arrives last.
        case ignoresOrder
        /// The server lets a later answer replace the first.
        case lastAnswerWins
        /// The server ignores wills.
        case ignoresWills
    }

    let roster: LoadRoster
    var defect: Defect?
    private(set) var consultations: [Int64: String]
    private(set) var people: [Int64: Person] = [:]
    private var boots: [String: Boots] = [:]

    struct Person {
        var isPresent: Bool?
        var isLive = false
        var lastUptime: (value: Int64, arrivedAt: Int64)?
        var startedAt: Int64?

        var availability: String {
            guard isLive, let isPresent else { return "unknown" }
            return isPresent ? "available" : "away"
        }
    }

    private struct Boots {
        var current: String?
        var seen: [String: Set<Int64>] = [:]
        var lastPresence: [String: Int64] = [:]
    }

    struct Reply: Equatable {
        var topic: String
        var body: String
    }

    init(roster: LoadRoster, defect: Defect? = nil) {
        self.roster = roster
        self.defect = defect
        consultations = Dictionary(uniqueKeysWithValues: roster.consultations.map { ($0.id, "pending") })
    }

    var endState: EndState {
        EndState(
            faculty: Dictionary(
                uniqueKeysWithValues: roster.units.map { unit in
                    let person = people[unit.faculty] ?? Person()
                    let state = person.isPresent.map { $0 ? "present" : "absent" } ?? "unknown"
                    return (
                        unit.faculty,
                        EndState.FacultyFacts(
                            availability: person.availability,
                            presence: EndState.PresenceFacts(state: state, isVerified: person.isLive))
                    )
                }), consultations: consultations)
    }

    /// - Parameter now: the time of arrival, in ms.
    mutating func take(topic: String, payload: [UInt8], isRetained: Bool, now: Int64) -> Reply? {
        guard !isRetained, let json = Self.object(payload) else { return nil }
        let levels = topic.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        switch levels.count {
        case 4 where levels[1] == "faculty":
            guard let faculty = Int64(levels[2]), roster.units.contains(where: { $0.faculty == faculty }) else {
                return nil
            }
            if let named = json["faculty_id"], named as? Int64 != faculty { return nil }
            take1(levels[3], json, faculty, now)
            return nil
        case 5 where levels[1] == "v2":
            guard let unit = roster.units.first(where: { $0.unit == levels[3] }) else { return nil }
            if levels[4] == "state" { takeState(json, unit) }
            return levels[4] == "event" ? takeEvent(json, unit) : nil
        default: return nil
        }
    }

    private static func object(_ payload: [UInt8]) -> [String: Any]? {
        let text = String(decoding: payload, as: UTF8.self)
        for key in ["\"present\"", "\"seq\""] where text.ranges(of: key).count > 1 { return nil }
        return (try? JSONSerialization.jsonObject(with: Data(payload))) as? [String: Any]
    }

    // MARK: Dialect 1

    private mutating func take1(_ kind: String, _ json: [String: Any], _ faculty: Int64, _ now: Int64) {
        var person = people[faculty] ?? Person()
        defer { people[faculty] = person }
        switch kind {
        case "heartbeat":
            person.isLive = true
            if let uptime = json["uptime"] as? Int64 { person.startedAt = now - uptime }
        case "responses":
            guard let type = json["response_type"] as? String,
                let id = (json["message_id"] as? String).flatMap(Int64.init),
                let answer = ["ACKNOWLEDGE": "accepted", "BUSY": "busy"][type]
            else { return }
            guard self.answer(id, answer, by: faculty) else { return }
            person.isLive = true
            let uptime = (json["timestamp"] as? String).flatMap(Int64.init)
            if uptime.map({ isInOrder($0, person, now) }) ?? true { person.isPresent = true }
        case "status":
            if json["present"] == nil, json["status"] as? String == "offline" {
                if defect != .ignoresWills { person.isLive = false }
                return
            }
            guard let isPresent = Self.flag(json["present"]), let uptime = json["timestamp"] as? Int64 else { return }
            if let word = json["status"] as? String, (word == "AVAILABLE") != isPresent { return }
            guard isInOrder(uptime, person, now) else { return }
            person.lastUptime = (uptime, now)
            person.isPresent = isPresent
            person.isLive = true
        default: return
        }
    }

    private func isInOrder(_ uptime: Int64, _ person: Person, _ now: Int64) -> Bool {
        guard defect != .ignoresOrder, let last = person.lastUptime, uptime < last.value else { return true }
        if uptime <= now - last.arrivedAt + 5_000 { return true }
        return person.startedAt.map { abs($0 - (now - uptime)) <= 5_000 } ?? false
    }

    /// Returns JSON's true and false only: Foundation also reads 0 and 1 as Booleans.
    private static func flag(_ value: Any?) -> Bool? {
        guard let number = value as? NSNumber, String(describing: type(of: number)).contains("Bool") || value is Bool
        else {
            return nil
        }
        return value as? Bool
    }

    // MARK: Dialect 2

    private mutating func takeState(_ json: [String: Any], _ unit: LoadUnit) {
        guard let isOnline = Self.flag(json["online"]), !isOnline, defect != .ignoresWills else { return }
        let boot = json["boot"] as? String
        if boot == nil || boot == boots[unit.unit]?.current { people[unit.faculty]?.isLive = false }
    }

    private mutating func takeEvent(_ json: [String: Any], _ unit: LoadUnit) -> Reply? {
        guard let boot = json["boot"] as? String, boot.allSatisfy({ "0123456789abcdef".contains($0) }),
            let seq = json["seq"] as? Int64, seq > 0, let type = json["type"] as? String
        else { return nil }
        var history = boots[unit.unit] ?? Boots()
        defer { boots[unit.unit] = history }
        if history.seen[boot]?.contains(seq) == true { return reply(unit, boot, seq, "duplicate") }
        if history.seen[boot] == nil { history.current = boot }
        var person = people[unit.faculty] ?? Person()
        switch type {
        case "presence":
            guard let isPresent = Self.flag(json["present"]) else { return reply(unit, boot, seq, "refused") }
            if boot == history.current, seq > history.lastPresence[boot] ?? 0 || defect == .ignoresOrder {
                history.lastPresence[boot] = seq
                person.isPresent = isPresent
            }
        case "answer":
            guard let id = json["consultation"] as? Int64, let word = json["answer"] as? String,
                let answer = ["accept": "accepted", "later": "accepted", "busy": "busy", "decline": "declined"][word],
                self.answer(id, answer, by: unit.faculty)
            else { return reply(unit, boot, seq, "refused") }
            if boot == history.current, seq > history.lastPresence[boot] ?? 0 { person.isPresent = true }
        case "shown", "beat": break
        default: return reply(unit, boot, seq, "refused")
        }
        history.seen[boot, default: []].insert(seq)
        person.isLive = true
        people[unit.faculty] = person
        return reply(unit, boot, seq, "stored")
    }

    private mutating func answer(_ id: Int64, _ answer: String, by faculty: Int64) -> Bool {
        guard roster.consultations.contains(where: { $0.id == id && $0.faculty == faculty }) else { return false }
        let before = consultations[id]
        guard before == "pending" || before == answer || defect == .lastAnswerWins else { return false }
        consultations[id] = answer
        return true
    }

    private func reply(_ unit: LoadUnit, _ boot: String, _ seq: Int64, _ result: String) -> Reply {
        Reply(
            topic: "consultease/v2/unit/\(unit.unit)/command",
            body: #"{"type":"ack","boot":"\#(boot)","seq":\#(seq),"result":"\#(result)"}"#)
    }
}
