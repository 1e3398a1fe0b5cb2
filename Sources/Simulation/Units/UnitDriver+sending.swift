// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import DeskUnit
import MQTT

/// Carries the machine's actions to the broker over the faulty path.
extension UnitDriver {
    func act(on actions: [UnitAction], isNearStart: Bool = false) {
        for action in actions {
            switch action {
            case .publish(let message):
                if unit.dialect == .two, let name = EventName(event: message.payload), firstSent[name] == nil {
                    firstSent[name] = setup.time.elapsed()
                }
                if unit.dialect == .one, message.topic.suffix(10).elementsEqual("/responses".utf8) {
                    oldAnswers.append(message)
                }
                outgoing += path.send(
                    message, at: uptime(), isNearStart: isNearStart && unit.dialect == .one)
            case .screenChanged: screenFeed.yield(screen)
            }
        }
        figures.path = path.counts
        if !outgoing.isEmpty { wake?.yield() }
    }

    func publishAll(over client: MQTTClient) async {
        guard !isPublishing else { return }
        isPublishing = true
        defer { isPublishing = false }
        while isConnected, !outgoing.isEmpty {
            let message = outgoing.removeFirst()
            let wasPublished = await publish(message, over: client)
            // Another client may have replaced this one during the wait.
            guard self.client === client else { return }
            if !wasPublished {
                figures.failures += 1
                // An old unit keeps a message that it could not send; a dialect 2 unit has it in its outbox.
                if unit.dialect == .one { outgoing.insert(message, at: 0) }
                return
            }
        }
    }

    private func publish(_ message: UnitMessage, over client: MQTTClient) async -> Bool {
        do {
            let outcome = try await client.publish(
                topic: String(decoding: message.topic, as: UTF8.self), payload: message.payload,
                qos: message.isAtLeastOnce ? .atLeastOnce : .atMostOnce, retain: message.isRetained)
            figures.sent += 1
            switch outcome {
            case .handedOver, .acknowledged, .refused: return true
            case .sessionLost: return false
            }
        } catch {
            return false
        }
    }
}
