// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Concurrency

/// Everything that one client is told about its connection. A value; checked when `run()` begins.
package struct ClientConfiguration: Sendable {
    package var address: BrokerAddress
    package var version: ProtocolVersion = .v5
    /// Empty lets the server choose one, for as long as this client runs; not allowed with a persistent session.
    package var clientID: String
    package var credentials: Credentials?
    package var will: Will?
    /// Whole seconds, 0 to 65,535; zero is off, unless the server sets one (MQTT 5.0, 3.2.2-21).
    package var keepAlive: Duration = .seconds(30)
    package var session: SessionPolicy = .clean
    /// How many QoS 1 messages may be unacknowledged at once; announced in version 5 alone. 1…65,535.
    package var receiveMaximum: UInt16 = 64
    package var receiveMaximumPolicy: ReceiveMaximumPolicy = .tolerate(upTo: 1_020)
    package var unreadableMessages: UnreadableMessagePolicy = .close
    /// How many messages may wait for the application. When so many do, the socket is left unread; reading goes on when
    /// half of them have been taken.
    package var bufferLimit: Int = 256
    /// How many bytes they may have together, with the same effect. One more message than fits may come.
    package var bufferBytes: Int = 8 << 20
    /// The largest packet that is accepted, in bytes; announced in version 5.
    package var maximumPacketSize: Int = 262_144
    /// Made at every new session, and again when a session that this process did not see begin is resumed, then
    /// without asking for retained messages that the session had already.
    package var subscriptions: [Subscription] = []
    /// The delays before the client connects again.
    package var backoff = Backoff(first: .milliseconds(200), cap: .seconds(30), jitter: 0...1)
    /// How long a connection must last for the next delay to be the first one again.
    package var stableAfter = Duration.seconds(10)
    /// How long each of these may take: the transport's connect (with TLS, until the line is secured), CONNACK, SUBACK.
    package var connectTimeout: Duration = .seconds(5)
    /// How long the server may take to answer a PINGREQ while the socket is being read.
    package var pingTimeout: Duration = .seconds(10)
    /// How many publishes may be under way at once: waiting for a connection, for quota, for the socket, for PUBACK.
    package var publishLimit: Int = 1_000

    package init(address: BrokerAddress, clientID: String) {
        self.address = address
        self.clientID = clientID
    }
}

/// A user name and a password. Neither appears in any description or log.
package struct Credentials: Hashable, Sendable {
    package let userName: String
    package let password: String?

    package init(userName: String, password: String?) {
        self.userName = userName
        self.password = password
    }
}

extension Credentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "credentials" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// What the server publishes when this client is gone without a normal goodbye.
package struct Will: Hashable, Sendable {
    package var topic: String
    package var payload: [UInt8]
    package var qos: QoS
    package var isRetained: Bool
    /// Version 5 only: how long the server waits for the client to come back first.
    package var delaySeconds: UInt32
    package var properties: MessageProperties

    package init(
        topic: String, payload: [UInt8], qos: QoS = .atLeastOnce, isRetained: Bool = false, delaySeconds: UInt32 = 0,
        properties: MessageProperties = .none
    ) {
        self.topic = topic
        self.payload = payload
        self.qos = qos
        self.isRetained = isRetained
        self.delaySeconds = delaySeconds
        self.properties = properties
    }
}

/// How long the session outlives a connection.
package enum SessionPolicy: Sendable {
    /// Each connection has a session of its own.
    case clean
    /// The server keeps the session for `expirySeconds` (version 5; for ever in 3.1.1, and with `UInt32.max`).
    /// `marker` remembers that there is one.
    case persistent(expirySeconds: UInt32, marker: any SessionMarker)
}

/// The durable memory of one fact: that this client has a session at this broker.
///
/// That a session exists is state: a client without it must refuse the server's session (MQTT 5.0, 3.2.2-4). So it is
/// recorded before the first CONNECT that can make one, keyed by broker and client id. Called from `run()` alone, never
/// twice at once. An error counts as a failed attempt to connect.
package protocol SessionMarker: Sendable {
    /// Before each CONNECT: throws if this process may not take the session now, as another may have it.
    func confirm() async throws
    func hasSession() async throws -> Bool
    /// Durable when it returns. May be called when there is one already.
    func recordSession() async throws
    func forgetSession() async throws
}

extension SessionMarker {
    package func confirm() async throws {}
}

/// What is done when the server has more messages unacknowledged than Receive Maximum allows.
package enum ReceiveMaximumPolicy: Hashable, Sendable {
    /// Counted, and warned of once a connection: mosquitto 2.0.11 exceeds it as a rule. At `upTo` open messages the
    /// socket is left unread until some are acknowledged; a packet beyond that ends the connection with 0x93.
    case tolerate(upTo: Int)
    /// The first excess ends the connection with 0x93 (MQTT 5.0, 3.3.4-9).
    case strict
}

/// What is done with a PUBLISH that breaks rules, though it is clear where it ends.
package enum UnreadableMessagePolicy: Hashable, Sendable {
    /// The connection ends and says why, as the specification wants it (MQTT 5.0, 4.13.2-1).
    ///
    /// A server that forwards what another client sent, unchecked, will send it again to the client that resumes the
    /// session: nothing that waits behind it is ever received. mosquitto 2.0.11 forwards a Response Topic with
    /// wildcards, for one.
    case close
    /// A property whose value is bad is left out, and counted. What else is wrong stands in `IncomingMessage.fault`:
    /// the application refuses the message, and acknowledges it. If a packet can't be taken apart the connection ends
    /// all the same.
    case deliver
}
