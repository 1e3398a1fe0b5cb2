// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import DeskUnit
import Foundation
import MQTT

/// What can happen to a simulated unit.
extension UnitDriver {
    /// The unit's uptime now.
    package func uptime() -> Uptime { counter.uptime(at: setup.time.elapsed()) }

    var screen: UnitScreen {
        UnitScreen(
            panel: model.panel(at: uptime()), isConnected: isConnected, linkNote: linkNote,
            unacknowledged: model.unacknowledgedCount)
    }

    /// Where in its history the unit is: which start.
    package func currentLife() -> Int { life }

    package func isPresent() -> Bool { model.isPresent }

    /// Whether the panel shows a request, so that a key answers it.
    package func isAsking() -> Bool { model.isAsking(at: uptime()) }

    /// Lets something happen to the unit at once. In time lapse an old unit's uptime leaps first, unless `leaps` is
    /// false.
    package func take(_ input: UnitInput, leaps: Bool = true) {
        guard !isLeaving else { return }
        if leaps, setup.isTimeLapse, unit.dialect == .one {
            counter.leap(UInt64.random(in: FaultyPath.longestRun...2 * FaultyPath.longestRun, using: &random))
        }
        act(on: model.handle(input, at: uptime()), isNearStart: !leaps)
    }

    /// Lets a request arrive on the unit's own topic, as the server would send it.
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

    /// Garbage, under the unit's own name.
    package func sendHostile() {
        figures.hostile += 1
        outgoing.append(HostileMessage.random(for: unit, using: &random))
        wake?.yield()
    }

    /// Answers of an old unit, each once more and byte for byte: with QoS 0 a cut may have lost them.
    package func repeatAnswers() {
        outgoing += oldAnswers
        wake?.yield()
    }

    /// Messages of long ago, again.
    package func replay(_ count: Int) {
        for _ in 0..<count {
            if let message = path.replay() { outgoing.append(message) }
        }
        figures.path = path.counts
        wake?.yield()
    }

    /// Ends the faults on the way, or lets them go on.
    package func setClear(_ isClear: Bool) {
        path.isClear = isClear
        if isClear { flush() }
    }

    /// Sends what the faults hold back.
    package func flush() {
        outgoing += path.flush()
        wake?.yield()
    }

    /// Cuts the connection without a word. The unit comes back by itself.
    package func cut() {
        figures.cuts += 1
        client?.cutConnection()
    }

    /// Restarts the unit, as a power cut does; returns when it runs again. False if it didn't happen.
    ///
    /// If something is on its way that a restart would leave in a shape that the rules don't decide, it is sent
    /// first (an old unit), or what was sent before is never sent again (see `FaultyPath.forget`).
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

    /// Switches the unit off, as a power cut does; its broker tells its will. An old unit, which has none, says a last
    /// *offline*, as some of them do.
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

    /// Switches it on again: a restart.
    package func switchOn() {
        guard case .isOff = next else { return }
        next = .restarts
    }

    private func endLife(_ fate: Fate) {
        next = fate
        // In this order on the client's own loop: the transport is gone before the client could say goodbye, and is not
        // made again.
        client?.cutConnection()
        lifeEnds?.yield()
    }
}
