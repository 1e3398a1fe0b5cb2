// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

extension SessionMachine {
    mutating func publish(_ outgoing: OutgoingMessage, _ token: SendQueue.Token, _ actions: inout [Action]) {
        if let error = refusal(of: outgoing) {
            actions.append(.finish(token, .failure(error)))
            return
        }
        switch outgoing.qos {
        case .atMostOnce: publishOnce(outgoing.message, token, &actions)
        case .atLeastOnce, .exactlyOnce:
            queue.append(outgoing.message, token: token)
            pump(&actions)
        }
    }

    /// Returns why a message can't be sent to any server, or nil.
    private func refusal(of outgoing: OutgoingMessage) -> PublishError? {
        guard queue.count + handOvers < configuration.publishLimit else { return .tooManyUnderWay }
        let message = outgoing.message
        guard outgoing.qos < .exactlyOnce else {
            return .invalid(CodecError(reasonCode: .qosNotSupported, rule: "publishing at QoS 2 is not supported"))
        }
        guard TopicRules.isName(message.topic), SendableText.isAllowed(message.topic) else {
            return .invalid(CodecError(reasonCode: .topicNameInvalid, rule: "a topic is no topic name"))
        }
        guard message.properties.isEmpty, message.payload.count < 250_000_000 else {
            do throws(CodecError) {
                _ = try encoder.size(of: .publish(Self.onceOnly(message)))
                return nil
            } catch {
                return .invalid(error)
            }
        }
        return nil
    }

    private mutating func publishOnce(
        _ message: SendQueue.Message, _ token: SendQueue.Token, _ actions: inout [Action]
    ) {
        guard case .connected(let limits, _) = phase else {
            actions.append(.finish(token, .failure(.notConnected)))
            return
        }
        let publish = Self.onceOnly(message)
        if let code = limits.refusal(of: publish, as: encoder) {
            actions.append(.finish(token, .failure(.notSupportedByServer(code))))
            return
        }
        handOvers += 1
        counters.publishesSent += 1
        actions.append(.send(.publish(publish)))
        actions.append(.handOver(token))
    }

    /// Sends as many messages as the quota allows.
    mutating func pump(_ actions: inout [Action]) {
        guard case .connected(let limits, _) = phase else { return }
        while let publish = queue.next(ids: &ids) {
            guard let code = limits.refusal(of: publish, as: encoder) else {
                counters.publishesSent += 1
                actions.append(.send(.publish(publish)))
                continue
            }
            guard let id = publish.delivery.packetID, let entry = queue.finish(id, ids: &ids) else { continue }
            guard let token = entry.token else { continue }
            actions.append(.finish(token, .failure(.notSupportedByServer(code))))
        }
    }

    mutating func receive(puback ack: Acknowledgement, _ actions: inout [Action]) {
        guard let entry = queue.finish(ack.packetID, ids: &ids) else {
            unexpected(.puback, &actions)
            return
        }
        if ack.reasonCode.isFailure { counters.publishesRefused += 1 }
        if let token = entry.token {
            let outcome: PublishOutcome =
                ack.reasonCode.isFailure
                ? .refused(ack.reasonCode, reason: ack.properties.reasonString) : .acknowledged(ack.reasonCode)
            actions.append(.finish(token, .success(outcome)))
        }
        pump(&actions)
    }

    private static func onceOnly(_ message: SendQueue.Message) -> Publish {
        Publish(
            topic: message.topic, payload: message.payload, delivery: .atMostOnce, isRetained: message.isRetained,
            properties: message.properties)
    }
}
