// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

extension ClientConfiguration {
    var keepsSession: Bool {
        switch session {
        case .clean: false
        case .persistent(let expirySeconds, _): version == .v3_1_1 || expirySeconds > 0
        }
    }

    func connectPacket(cleanStart: Bool, clientID: String) -> Connect {
        var properties = Properties()
        if version == .v5 {
            if case .persistent(let expirySeconds, _) = session {
                properties.list.append(.sessionExpiryInterval(expirySeconds))
            }
            properties.list.append(.receiveMaximum(receiveMaximum))
            properties.list.append(.maximumPacketSize(UInt32(clamping: maximumPacketSize)))
        }
        return Connect(
            version: version, cleanStart: cleanStart, keepAlive: UInt16(clamping: keepAlive.components.seconds),
            properties: properties, clientID: clientID, will: will?.packetPart,
            userName: credentials?.userName, password: credentials?.password.map { Array($0.utf8) })
    }

    /// The subscriptions as this version can express them. On resume, version 5 asks for no retained messages that the
    /// session already had, because a flood of old messages at every reconnect is useless. Version 3.1.1 can't ask for
    /// that, and gets them again.
    func subscriptionsAsSent(onResume: Bool) -> [Subscription] {
        subscriptions.map { subscription in
            guard version == .v5 else { return Subscription(subscription.filter, maximumQoS: subscription.maximumQoS) }
            var subscription = subscription
            if onResume, subscription.retainHandling == .send { subscription.retainHandling = .sendIfNew }
            return subscription
        }
    }
}

extension Will {
    var packetPart: WillMessage {
        var properties = properties.properties
        if delaySeconds > 0 { properties.list.append(.willDelayInterval(delaySeconds)) }
        return WillMessage(topic: topic, payload: payload, qos: qos, isRetained: isRetained, properties: properties)
    }
}
