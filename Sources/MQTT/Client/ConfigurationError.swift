// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Concurrency

/// Reports a configuration that can never work. `run()` throws no other error.
package struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String
}

extension ClientConfiguration {
    /// Throws if a setting would make every attempt fail.
    func validate() throws(ConfigurationError) {
        func require(_ condition: Bool, _ text: String) throws(ConfigurationError) {
            guard condition else { throw ConfigurationError(description: text) }
        }
        let isPersistent = if case .persistent = session { true } else { false }
        try require(!isPersistent || !clientID.isEmpty, "a persistent session needs a client id")
        try require(
            keepAlive >= .zero && keepAlive <= .seconds(65_535), "keep alive must be from 0 to 65,535 seconds")
        try require(keepAlive == .seconds(keepAlive.components.seconds), "keep alive must be whole seconds")
        try require(receiveMaximum > 0, "receive maximum must not be 0")
        try require(bufferLimit > 0 && bufferBytes > 0, "buffer limit must not be 0")
        try require(publishLimit > 0, "publish limit must not be 0")
        try require((128...268_435_460).contains(maximumPacketSize), "maximum packet size is out of range")
        if case .tolerate(let limit) = receiveMaximumPolicy {
            try require(limit >= Int(receiveMaximum), "the tolerated excess is below receive maximum")
        }
        try require(
            subscriptions.allSatisfy { $0.maximumQoS < .exactlyOnce }, "subscribing at QoS 2 is not supported")
        try require(
            will.map { $0.qos < .exactlyOnce } ?? true, "a will at QoS 2 is not supported")
        try require(connectTimeout > .zero && pingTimeout > .zero, "a timeout must be above 0")
        try require(
            backoff.first > .zero && backoff.cap >= backoff.first,
            "the first delay of the back-off must be above 0 and at most its cap")
        do throws(CodecError) {
            let encoder = PacketEncoder(version: version, from: .client)
            _ = try encoder.size(of: .connect(connectPacket(cleanStart: true, clientID: clientID)))
            if !subscriptions.isEmpty {
                let packet = Subscribe(packetID: .first, subscriptions: subscriptionsAsSent(onResume: false))
                _ = try encoder.size(of: .subscribe(packet))
            }
        } catch {
            throw ConfigurationError(description: error.rule)
        }
    }
}
