// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

extension SessionMachine {
    /// Takes over the limits that the server announced, then decides whether to use its session (MQTT 5.0, 3.2.2-2 to
    /// 3.2.2-6).
    mutating func receive(_ connack: ConnAck, cleanStart: Bool, _ actions: inout [Action]) {
        guard !connack.reasonCode.isFailure else {
            close(.refused(connack.reasonCode, reason: connack.properties.reasonString), &actions)
            return
        }
        guard connack.properties.authenticationMethod == nil else {
            fail(.protocolError("authentication was not asked for"), &actions)
            return
        }
        let limits = ServerLimits(
            connack.properties, keepAlive: UInt16(clamping: configuration.keepAlive.components.seconds),
            keepsSession: configuration.keepsSession)
        if configuration.version == .v5, configuration.clientID.isEmpty, assignedClientID == nil {
            guard let assigned = limits.assignedClientID else {
                fail(.protocolError("a client identifier was not assigned"), &actions)
                return
            }
            assignedClientID = assigned
        }
        if connack.isSessionPresent {
            guard !cleanStart else {
                fail(.protocolError("a session is present after a clean start"), &actions)
                return
            }
            guard hasSession else {
                mustDiscardSession = true
                part(.unknownSession, &actions)
                return
            }
        } else if configuration.version == .v3_1_1, mustDiscardSession {
            // A clean session of 3.1.1 ends with its connection, so the next connection makes the lasting one.
            mustDiscardSession = false
            part(.sessionDiscarded, &actions)
            return
        }
        begin(limits, sessionResumed: connack.isSessionPresent, &actions)
    }

    private mutating func begin(_ limits: ServerLimits, sessionResumed: Bool, _ actions: inout [Action]) {
        counters.connections += 1
        phase = .connected(limits, sessionResumed: sessionResumed)
        actions.append(.accepted(limits, sessionResumed: sessionResumed))
        if sessionResumed {
            queue.resume(receiveMaximum: limits.receiveMaximum)
        } else {
            let lost = queue.restart(receiveMaximum: limits.receiveMaximum, ids: &ids)
            if hasSession {
                counters.sessionsLost += 1
                actions.append(.note(.sessionLost(inFlight: lost.count)))
            }
            for token in lost { actions.append(.finish(token, .success(.sessionLost))) }
            isSubscribed = false
        }
        mustDiscardSession = false
        hasSession = limits.keepsSession
        subscribe(&actions)
        pump(&actions)
    }

    /// Ends a connection with a DISCONNECT, so that the server publishes no will.
    private mutating func part(_ end: ConnectionEnd, _ actions: inout [Action]) {
        actions.append(.send(.disconnect(Disconnect())))
        close(end, &actions)
    }

    // MARK: Subscribing

    /// Subscribes, unless the session is known to have the subscriptions.
    private mutating func subscribe(_ actions: inout [Action]) {
        guard case .connected(let limits, let sessionResumed) = phase else { return }
        guard !configuration.subscriptions.isEmpty, !isSubscribed else {
            actions.append(.ready(sessionResumed: sessionResumed))
            return
        }
        let all = configuration.subscriptionsAsSent(onResume: sessionResumed)
        for group in groups(of: all, limits) {
            guard let id = ids.take() else { return fail(.protocolError("no identifier is free"), &actions) }
            pendingSubscribes[id] = group
            send(.subscribe(Subscribe(packetID: id, subscriptions: group)), &actions)
        }
        actions.append(.subscribing)
    }

    /// Returns one SUBSCRIBE for all filters, or one for each if that is larger than the server accepts.
    private func groups(of all: [Subscription], _ limits: ServerLimits) -> [[Subscription]] {
        let whole = Packet.subscribe(Subscribe(packetID: .first, subscriptions: all))
        return limits.fits(whole, as: encoder) ? [all] : all.map { [$0] }
    }

    mutating func receive(suback: SubscribeReply, _ actions: inout [Action]) {
        guard case .connected(_, let sessionResumed) = phase,
            let subscriptions = pendingSubscribes.removeValue(forKey: suback.packetID)
        else {
            unexpected(.suback, &actions)
            return
        }
        ids.free(suback.packetID)
        guard suback.reasonCodes.count == subscriptions.count else {
            fail(.protocolError("a SUBACK has not one reason code a filter"), &actions)
            return
        }
        var refusals: [SubscriptionRefusal] = []
        for (subscription, code) in zip(subscriptions, suback.reasonCodes) {
            if code.isFailure {
                let refusal = SubscriptionRefusal(filter: subscription.filter, reasonCode: code)
                refusals.append(refusal)
                actions.append(.note(.subscriptionRefused(refusal)))
            } else if let granted = QoS(rawValue: code.rawValue), granted < subscription.maximumQoS {
                actions.append(.note(.subscriptionAtLowerQoS(filter: subscription.filter, granted: granted)))
            }
        }
        if let first = refusals.first {
            part(.subscriptionRefused(first), &actions)
        } else if pendingSubscribes.isEmpty {
            isSubscribed = true
            actions.append(.ready(sessionResumed: sessionResumed))
        }
    }
}
