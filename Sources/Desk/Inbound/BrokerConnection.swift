// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import MQTT
import Wire

/// How the server reaches a broker, and what it listens to there.
package struct BrokerConnection: Sendable {
    package let address: BrokerAddress
    package let version: ProtocolVersion
    package let clientID: String
    package let credentials: Credentials?
    /// Whether the broker is the embedded one, which tells how many messages it has dropped.
    package let tellsDropped: Bool

    /// Two weeks: as long as the embedded broker keeps a session.
    static let sessionExpirySeconds: UInt32 = 14 * 24 * 3600

    /// - Parameter clientID: must be secret: a client that connects with it takes over the session and the messages in
    ///   it.
    package init(
        address: BrokerAddress, version: ProtocolVersion = .v5, clientID: String, credentials: Credentials?,
        tellsDropped: Bool = false
    ) {
        self.address = address
        self.version = version
        self.clientID = clientID
        self.credentials = credentials
        self.tellsDropped = tellsDropped
    }

    /// The broker's name in the table of sessions.
    var name: String { address.description }

    /// Everything below `consultease/`, so that what arrives on a server's topic is seen and refused, too. Version 5
    /// spares us our own messages; 3.1.1 can't, so there only what units may say is listened to.
    var subscriptions: [Subscription] {
        let filters =
            switch version {
            case .v5: ["consultease/#", "professor/status"]
            case .v3_1_1: Topic.serverFilters
            }
        return filters.map { Subscription($0, noLocal: version == .v5) } + [Subscription(QueueAgeEstimator.topic)]
            + (tellsDropped ? [Subscription(DropDetector.topic)] : [])
    }
}
