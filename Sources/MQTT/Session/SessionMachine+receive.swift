// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

extension SessionMachine {
    mutating func receive(_ packet: Packet, _ actions: inout [Action]) {
        switch phase {
        case .disconnected, .closing: return
        case .awaitingConnAck(let cleanStart):
            guard case .connack(let connack) = packet else {
                fail(.protocolError("a packet comes before CONNACK"), &actions)
                return
            }
            receive(connack, cleanStart: cleanStart, &actions)
        case .connected: receiveConnected(packet, &actions)
        }
    }

    private mutating func receiveConnected(_ packet: Packet, _ actions: inout [Action]) {
        switch packet {
        case .publish(let publish): receive(publish, &actions)
        case .puback(let ack): receive(puback: ack, &actions)
        case .suback(let reply): receive(suback: reply, &actions)
        case .unsuback: unexpected(.unsuback, &actions)
        case .pingresp: actions.append(.pingAnswered)
        case .disconnect(let disconnect):
            if disconnect.properties.contains(.sessionExpiryInterval) { counters.unexpectedPackets += 1 }
            let reason = disconnect.properties.reasonString
            close(.disconnectedByServer(disconnect.reasonCode, reason: reason), &actions)
        case .pubrec(let ack):
            guard !queue.isSent(ack.packetID) else {
                fail(.protocolError("a QoS 1 message is answered by PUBREC"), &actions)
                return
            }
            unexpected(.pubrec, &actions)
            if !ack.reasonCode.isFailure { send(.pubrel(unknown(ack.packetID)), &actions) }
        case .pubrel(let ack):
            unexpected(.pubrel, &actions)
            send(.pubcomp(unknown(ack.packetID)), &actions)
        case .pubcomp: unexpected(.pubcomp, &actions)
        case .connack: fail(.protocolError("a second CONNACK comes"), &actions)
        case .auth: fail(.protocolError("authentication was not asked for"), &actions)
        case .connect, .subscribe, .unsubscribe, .pingreq:
            fail(.protocolError("a packet comes from the wrong side"), &actions)
        }
    }

    private func unknown(_ id: PacketID) -> Acknowledgement {
        let code: ReasonCode = configuration.version == .v5 ? .packetIdentifierNotFound : .success
        return Acknowledgement(packetID: id, reasonCode: code)
    }

    mutating func unexpected(_ type: PacketType, _ actions: inout [Action]) {
        counters.unexpectedPackets += 1
        actions.append(.note(.unexpected(type)))
    }

    // MARK: Messages in

    private mutating func receive(_ publish: Publish, _ actions: inout [Action]) {
        guard !publish.properties.contains(.topicAlias) else {
            let error = CodecError(reasonCode: .topicAliasInvalid, rule: "no topic alias was allowed")
            fail(error, &actions)
            return
        }
        switch publish.delivery {
        case .atMostOnce: break
        case .atLeastOnce: guard countOpen(&actions) else { return }
        case .exactlyOnce:
            fail(CodecError(reasonCode: .qosNotSupported, rule: "a message comes at QoS 2"), &actions)
            return
        }
        counters.messagesReceived += 1
        countFaults(of: publish, &actions)
        actions.append(.deliver(publish))
    }

    private mutating func countFaults(of publish: Publish, _ actions: inout [Action]) {
        guard publish.droppedProperties > 0 || publish.fault != nil else { return }
        counters.propertiesDropped += publish.droppedProperties
        if publish.fault != nil { counters.messagesUnreadable += 1 }
        guard !hasWarnedOfUnreadable else { return }
        hasWarnedOfUnreadable = true
        actions.append(.note(.unreadable(publish.fault)))
    }

    /// Counts a QoS 1 message against Receive Maximum. Returns false if the connection must end because of it.
    private mutating func countOpen(_ actions: inout [Action]) -> Bool {
        openCount += 1
        counters.openHighWater = max(counters.openHighWater, openCount)
        let maximum = Int(configuration.receiveMaximum)
        let isExcess = configuration.version == .v5 && openCount > maximum
        if isExcess { counters.receiveMaximumExcess += 1 }
        let limit =
            switch configuration.receiveMaximumPolicy {
            case .tolerate(let limit): limit
            case .strict: configuration.version == .v5 ? maximum : .max
            }
        guard openCount <= limit else {
            fail(CodecError(reasonCode: .receiveMaximumExceeded, rule: "too many messages are open"), &actions)
            return false
        }
        if isExcess, !hasWarnedOfExcess {
            hasWarnedOfExcess = true
            actions.append(.note(.receiveMaximumExceeded(open: openCount, maximum: maximum)))
        }
        return true
    }

    mutating func acknowledge(_ id: PacketID, _ actions: inout [Action]) {
        guard case .connected = phase else { return }
        openCount -= 1
        counters.acknowledgementsSent += 1
        send(.puback(Acknowledgement(packetID: id)), &actions)
    }
}
