// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Concurrency

/// Everything that one client is told about its connection. A value; checked when `run()` begins.
package struct ClientConfiguration: Sendable {
    package var address: BrokerAddress
    package var version: ProtocolVersion = .v5
    /// If empty, the server assigns a client id, which this client then uses until it ends; a persistent session needs
    /// one.
    package var clientID: String
    package var credentials: Credentials?
    package var will: Will?
    /// The keep-alive interval: whole seconds, 0 to 65,535. Zero turns it off, unless the server sets an interval (MQTT
    /// 5.0, 3.2.2-21).
    package var keepAlive: Duration = .seconds(30)
    package var session: SessionPolicy = .clean
    /// Limits the QoS 1 messages that are unacknowledged at once: 1…65,535. The client announces it in version 5 only.
    package var receiveMaximum: UInt16 = 64
    package var receiveMaximumPolicy: ReceiveMaximumPolicy = .tolerate(upTo: 1_020)
    package var unreadableMessages: UnreadableMessagePolicy = .close
    /// The number of messages that may wait for the application. At this number the client stops reading the socket; it
    /// resumes when the application has taken half of them.
    package var bufferLimit: Int = 256
    /// The number of bytes that waiting messages may hold, with the same effect. One message may exceed it.
    package var bufferBytes: Int = 8 << 20
    /// The largest packet that the client accepts, in bytes; version 5 announces it to the server.
    package var maximumPacketSize: Int = 262_144
    /// The client subscribes to these in every new session. It does so again if it resumes a session that an earlier
    /// process began, and then asks for no retained messages that the session already had.
    package var subscriptions: [Subscription] = []
    /// The delays before the client connects again.
    package var backoff = Backoff(first: .milliseconds(200), cap: .seconds(30), jitter: 0...1)
    /// How long a connection must last for the next delay to be the first one again.
    package var stableAfter = Duration.seconds(10)
    /// How long each of these may take: the transport's connect (with TLS, until the line is secured), CONNACK, SUBACK.
    package var connectTimeout: Duration = .seconds(5)
    /// Bounds the server's answer to a PINGREQ; only time in which the client reads the socket counts.
    package var pingTimeout: Duration = .seconds(10)
    /// The number of publishes that may be under way: waiting for a connection, for quota, for the socket or for
    /// PUBACK.
    package var publishLimit: Int = 1_000

    package init(address: BrokerAddress, clientID: String) {
        self.address = address
        self.clientID = clientID
    }
}

/// A user name and a password, which appear in no description and no log.
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

/// The message that the server publishes if this client's connection ends without a normal DISCONNECT.
package struct Will: Hashable, Sendable {
    package var topic: String
    package var payload: [UInt8]
    package var qos: QoS
    package var isRetained: Bool
    /// Version 5 only: how long the server waits for the client to return before it publishes the will.
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

/// Decides how long the session outlives a connection.
package enum SessionPolicy: Sendable {
    /// Each connection has a session of its own.
    case clean
    /// The server keeps the session for `expirySeconds` in version 5 (`UInt32.max` means for ever), and for ever in
    /// 3.1.1. `marker` records that the session exists.
    case persistent(expirySeconds: UInt32, marker: any SessionMarker)
}

/// Stores one fact durably: this client has a session at this broker.
///
/// A client that has no session must refuse the server's (MQTT 5.0, 3.2.2-4), so a process has to know what earlier
/// ones left. The client records the fact before the first CONNECT that can create a session; an implementation keys it
/// by broker and client id. Only `run()` calls these methods, one at a time. An error counts as a failed attempt to
/// connect.
package protocol SessionMarker: Sendable {
    /// The client calls this before each CONNECT. Throws if this process may not take the session now, because another
    /// one may hold it.
    func confirm() async throws
    func hasSession() async throws -> Bool
    /// The record is durable when this returns. The client may call it although a session is recorded already.
    func recordSession() async throws
    func forgetSession() async throws
}

extension SessionMarker {
    package func confirm() async throws {}
}

/// Decides what the client does if the server has more unacknowledged messages than Receive Maximum allows.
package enum ReceiveMaximumPolicy: Hashable, Sendable {
    /// The client counts each excess and warns once per connection: mosquitto 2.0.11 regularly exceeds the limit. At
    /// `upTo` open messages the client stops reading the socket until the application acknowledges some; a packet
    /// beyond that ends the connection with 0x93.
    case tolerate(upTo: Int)
    /// The first excess ends the connection with 0x93 (MQTT 5.0, 3.3.4-9).
    case strict
}

/// Decides what the client does with a PUBLISH that breaks a rule but whose end is clear.
package enum UnreadableMessagePolicy: Hashable, Sendable {
    /// The connection ends, as the specification demands (MQTT 5.0, 4.13.2-1); in version 5 the client sends the
    /// reason.
    ///
    /// If a server forwards such a message from another client unchecked, it sends the message again to a client that
    /// resumes the session, and nothing queued behind it is ever received. mosquitto 2.0.11, for example, forwards a
    /// Response Topic with wildcards.
    case close
    /// The client leaves out a property with a bad value, and counts it. Any other error stands in
    /// `IncomingMessage.fault`, and the application refuses and acknowledges the message. A packet that can't be parsed
    /// still ends the connection.
    case deliver
}
