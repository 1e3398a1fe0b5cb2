// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import DeskUnit
import Foundation
import MQTT

/// The things that can happen to a simulated unit.
extension UnitDriver {
    /// Returns the unit's current uptime.
    package func uptime() -> Uptime { counter.uptime(at: setup.time.elapsed()) }

    var screen: UnitScreen {
        UnitScreen(
            panel: model.panel(at: uptime()), isConnected: isConnected, linkNote: linkNote,
            unacknowledged: model.unacknowledgedCount)
    }

    /// Returns which start of the unit is current.
    package func currentLife() -> Int { life }

    package func isPresent() -> Bool { model.isPresent }

    /// Returns whether the panel shows a request that a key would answer.
    package func isAsking() -> Bool { model.isAsking(at: uptime()) }

    /// Passes an input to the unit at once. In time lapse an old unit's uptime leaps first, unless `leaps` is false.
    package func take(_ input: UnitInput, leaps: Bool = true) {
        guard !isLeaving else { return }
        if leaps, setup.isTimeLapse, unit.dialect == .one {
            counter.leap(UInt64.random(in: FaultyPath.longestRun...2 * FaultyPath.longestRun, using: &random))
        }
        act(on: model.handle(input, at: uptime()), isNearStart: !leaps)
    }

    /// Delivers a request on the unit's own topic, as the server would send it.
    package func show(consultation: Int64, student: String, topic: String, text: String) {
        let body =
            switch unit.dialect {
            case .one: "CID:\(consultation) From:\(student) (SID:\(consultation)): \(text)"
            case .two:
                #"{"type":"show","consultation":\#(consultation),"student":\#(quoted(student)),"topic":\#(quoted(topic)),"#
                    + #""text":\#(quoted(text)),"position":1,"of":1}"#
            }
        take(.message(topic: model.subscription, payload: Array(body.utf8)))
    }

    private func quoted(_ text: String) -> String {
        guard let data = try? JSONEncoder().encode(text) else { return "\"\"" }
        return String(decoding: data, as: UTF8.self)
    }

    /// Sends garbage under the unit's own name.
    package func sendHostile() {
        figures.hostile += 1
        outgoing.append(HostileMessage.random(for: unit, using: &random))
        wake?.yield()
    }

    /// Sends an old unit's answers again, byte for byte: at QoS 0 a cut may have lost them.
    package func repeatAnswers() {
        outgoing += oldAnswers
        wake?.yield()
    }

    /// Sends copies of old messages.
    package func replay(_ count: Int) {
        for _ in 0..<count {
            if let message = path.replay() { outgoing.append(message) }
        }
        figures.path = path.counts
        wake?.yield()
    }

    /// Ends the faults on the path, or resumes them.
    package func setClear(_ isClear: Bool) {
        path.isClear = isClear
        if isClear { flush() }
    }

    /// Sends the messages that the faults hold back.
    package func flush() {
        outgoing += path.flush()
        wake?.yield()
    }

    /// Cuts the connection without a DISCONNECT. The unit reconnects by itself.
    package func cut() {
        figures.cuts += 1
        client?.cutConnection()
    }

    /// Restarts the unit as a power cut does, and returns when it runs again. Returns false if the restart didn't
    /// happen.
    ///
    /// The rules must decide the outcome for every message that was on its way. So an old unit sends its messages
    /// first; otherwise what was sent before is never repeated (see `FaultyPath.forget`).
    package func reboot() async -> Bool {
        if unit.dialect == .one {
            flush()
            guard await isSettled(within: .seconds(10)) else { return false }
        }
        if unit.dialect == .one || model.unacknowledgedCount > 0 { path.forget() }
        figures.reboots += 1
        let before = life
        endLife(.restarts)
        return await setup.time.wait(upTo: .seconds(30)) { life != before && isConnected }
    }

    /// Switches the unit off as a power cut does; the broker publishes its will. An old unit has no will and sends a
    /// last *offline*, as some of them do.
    package func switchOff() async {
        isLeaving = true
        if unit.dialect == .one {
            outgoing = [
                UnitMessage(
                    topic: Array("consultease/faculty/\(unit.faculty)/status".utf8),
                    payload: Array(#"{"status":"offline","reason":"switched off"}"#.utf8), isAtLeastOnce: true,
                    isRetained: true)
            ]
            wake?.yield()
            _ = await isSettled(within: .seconds(10))
        }
        endLife(.isOff)
        _ = await setup.time.wait(upTo: .seconds(5)) { client == nil }
    }

    /// Switches the unit on again, which is a restart.
    package func switchOn() {
        guard case .isOff = next else { return }
        next = .restarts
    }

    private func endLife(_ fate: Fate) {
        next = fate
        // The calls run in this order on the client's event loop: the transport is gone before the client can send
        // DISCONNECT, and the client doesn't reconnect.
        client?.cutConnection()
        lifeEnds?.yield()
    }
}
