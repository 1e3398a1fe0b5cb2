// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// A snapshot of what a client is doing, for health checks.
package struct ClientStatus: Hashable, Sendable {
    package var state: ConnectionState
    /// When `state` began, in milliseconds of UTC.
    package var since: Int64
    /// When the current outage began, in milliseconds of UTC; failed attempts and short connections don't move it. Nil
    /// before the first attempt, and meaningless while `state` is connected.
    package var downSince: Int64?
    /// Why the last connection, or attempt, ended.
    package var lastEnd: ConnectionEnd?
    /// When the last connection or attempt ended, in milliseconds of UTC.
    package var lastEndedAt: Int64?
    /// The filters that the server refused at the last attempt to subscribe; an administrator has to correct this.
    package var refusedSubscriptions: [SubscriptionRefusal] = []
    /// Whether the client has stopped reading the socket because the application is behind.
    package var isReadingPaused = false
    package var counters = ClientCounters()
}

/// Counts events since the client began. All counters only rise, except `open` and `publishesUnderWay`, which hold
/// current numbers.
package struct ClientCounters: Hashable, Sendable {
    /// Connections that the server accepted.
    package var connections = 0
    /// Attempts that failed before the server accepted the connection.
    package var failedAttempts = 0
    /// How often the server had lost the session that this client relied on.
    package var sessionsLost = 0
    /// Received messages, including repetitions.
    package var messagesReceived = 0
    /// Received messages that had a fault.
    package var messagesUnreadable = 0
    /// Properties of messages that were left out because their values broke a rule.
    package var propertiesDropped = 0
    package var acknowledgementsSent = 0
    /// QoS 1 messages that arrived although Receive Maximum was used up.
    package var receiveMaximumExcess = 0
    /// The most QoS 1 messages that were open at once.
    package var openHighWater = 0
    /// QoS 1 messages of this connection that the application has not acknowledged.
    package var open = 0
    /// Publishes under way.
    package var publishesUnderWay = 0
    package var publishesSent = 0
    /// PUBACKs with a failure code.
    package var publishesRefused = 0
    /// Packets that match no request: an unknown identifier, or a PINGRESP without a PINGREQ.
    package var unexpectedPackets = 0
    package var pingsSent = 0
    /// How often the client stopped reading the socket.
    package var readingPauses = 0
    /// The most messages that waited for the application at once.
    package var bufferHighWater = 0
    /// Received bytes that were not yet decoded when a connection ended: QoS 0 messages in them are lost.
    package var bytesDropped = 0
}

package struct SubscriptionRefusal: Hashable, Sendable {
    package let filter: String
    package let reasonCode: ReasonCode
}

/// The state of a client's connection.
package enum ConnectionState: Hashable, Sendable {
    /// `run()` has not begun.
    case idle
    case connecting
    /// The server accepted the connection, and all subscriptions are in place. `sessionResumed` is true if the server
    /// kept this client's session.
    case connected(sessionResumed: Bool)
    /// The client waits before the next attempt.
    case disconnected(ConnectionEnd)
    /// `run()` has returned.
    case stopped
}

/// Why a connection, or an attempt at one, ended.
package enum ConnectionEnd: Hashable, Sendable {
    /// The task of `run()` was cancelled, and the client sent DISCONNECT.
    case stopped
    /// The application called `cutConnection()`.
    case cut
    /// The transport could not connect.
    case connectFailed(String)
    /// The TLS handshake failed, or the server demands TLS.
    case tls(TLSFailure)
    /// The transport failed.
    case transportFailed(String)
    /// The server closed the connection before it answered CONNECT.
    case closedUnanswered(isSecured: Bool)
    /// The server closed the connection without a DISCONNECT. This is normal if it shuts down, or if another client
    /// with the same id takes over.
    case closedByServer
    /// The server sent DISCONNECT.
    case disconnectedByServer(ReasonCode, reason: String?)
    /// The server sent a CONNACK with a failure code.
    case refused(ReasonCode, reason: String?)
    /// The server broke a rule of the protocol.
    case protocolError(CodecError)
    /// The server did not answer in time.
    case timedOut(TimedOut)
    case subscriptionRefused(SubscriptionRefusal)
    /// The server has a session for this client id that this client doesn't know; the next attempt discards it
    /// (3.2.2-4).
    case unknownSession
    /// Version 3.1.1 only: the client used this connection only to discard an unknown session.
    case sessionDiscarded
    case sessionMarkerFailed(String)

    package enum TimedOut: String, Hashable, Sendable {
        case connack = "CONNACK"
        case suback = "SUBACK"
        case pingresp = "PINGRESP"
    }
}

extension ConnectionEnd: CustomStringConvertible {
    package var description: String {
        switch self {
        case .stopped: "stopped"
        case .cut: "cut"
        case .connectFailed(let text): "connecting failed: \(text)"
        case .tls(let failure): "no TLS connection: \(failure)"
        case .transportFailed(let text): "transport failed: \(text)"
        case .closedUnanswered(isSecured: true):
            "closed by the server before it answered: perhaps it asks for a client certificate"
        case .closedUnanswered(isSecured: false):
            "closed by the server before it answered: a port that speaks TLS is reached by mqtts://"
        case .closedByServer: "closed by the server"
        case .disconnectedByServer(let code, let reason): Self.text("disconnected by the server", code, reason)
        case .refused(let code, let reason): Self.text("refused", code, reason)
        case .protocolError(let error): "protocol error: \(error)"
        case .timedOut(let what): "no \(what.rawValue) in time"
        case .subscriptionRefused(let refusal): "subscription refused: \(refusal.reasonCode)"
        case .unknownSession: "the server has a session that is not ours"
        case .sessionDiscarded: "an unknown session was discarded"
        case .sessionMarkerFailed(let text): "session marker failed: \(text)"
        }
    }

    private static func text(_ what: String, _ code: ReasonCode, _ reason: String?) -> String {
        reason.map { "\(what): \(code) (\($0))" } ?? "\(what): \(code)"
    }
}
