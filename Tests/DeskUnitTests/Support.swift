// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import DeskUnit

extension Uptime {
    static func at(_ milliseconds: UInt64) -> Uptime { Uptime(milliseconds: milliseconds) }
}

extension UnitMessage {
    var topicText: String { String(decoding: topic, as: UTF8.self) }
    var text: String { String(decoding: payload, as: UTF8.self) }
}

extension [UnitAction] {
    /// The published messages, in order.
    var published: [UnitMessage] {
        compactMap { if case .publish(let message) = $0 { message } else { nil } }
    }
}

extension Panel {
    var titleText: String { String(decoding: title, as: UTF8.self) }
    var cornerText: String { String(decoding: corner, as: UTF8.self) }
    var texts: [String] { lines.map { String(decoding: $0.text, as: UTF8.self) } }
    var leftText: String? { left.map { String(decoding: $0.action, as: UTF8.self) } }
    var rightText: String? { right.map { String(decoding: $0.action, as: UTF8.self) } }
}

/// A dialect 2 unit with the helpers that tests need.
struct Unit2 {
    var machine = UnitMachine2(
        configuration: UnitConfiguration2(unit: Array("desk-1".utf8), firmware: Array("1.0.0".utf8)),
        boot: BootName(random: 0xB000_0000_0000_0001))
    var now: UInt64 = 1_000

    static let boot = "b000000000000001"

    mutating func take(_ input: UnitInput, after milliseconds: UInt64 = 0) -> [UnitMessage] {
        now += milliseconds
        return machine.handle(input, at: .at(now)).published
    }

    /// Delivers a command; returns the messages that the unit publishes.
    @discardableResult
    mutating func obey(_ command: String, after milliseconds: UInt64 = 0) -> [UnitMessage] {
        take(
            .message(topic: Array("consultease/v2/unit/desk-1/command".utf8), payload: Array(command.utf8)),
            after: milliseconds)
    }

    @discardableResult
    mutating func acknowledge(
        _ seq: Int, _ result: String = "stored", boot: String = Unit2.boot, reason: String? = nil
    ) -> [UnitMessage] {
        let reason = reason.map { #","reason":"\#($0)""# } ?? ""
        return obey(#"{"type":"ack","boot":"\#(boot)","seq":\#(seq),"result":"\#(result)"\#(reason)}"#)
    }

    mutating func show(_ consultation: Int, _ student: String) -> [UnitMessage] {
        obey(#"{"type":"show","consultation":\#(consultation),"student":"\#(student)","topic":"Thesis","text":"Now?"}"#)
    }

    var panel: Panel { machine.panel(at: .at(now)) }

    /// Returns a connected unit whose owner is present and whose events are acknowledged: seq 1 is used.
    static func settled() -> Unit2 {
        var unit = Unit2()
        _ = unit.take(.connected)
        _ = unit.take(.beaconSeen(rssi: -50))
        unit.acknowledge(1)
        return unit
    }
}
