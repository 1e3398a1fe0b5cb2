// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// What a client is doing, as health checks read it: a snapshot.
package struct ClientStatus: Hashable, Sendable {
    package var state: ConnectionState
    /// When `state` began, in milliseconds of UTC.
    package var since: Int64
    /// Since when no connection has lasted, in milliseconds of UTC: attempts and short connections don't move it. Nil
    /// before the first attempt; old news while `state` is connected.
    package var downSince: Int64?
    /// Why the last connection, or attempt, ended.
    package var lastEnd: ConnectionEnd?
    /// When that was, in milliseconds of UTC.
    package var lastEndedAt: Int64?
    /// Filters that the server refused at the last attempt to subscribe: an error that needs a person.
    package var refusedSubscriptions: [SubscriptionRefusal] = []
    /// Whether the socket is left unread because the application is behind.
    package var isReadingPaused = false
    package var counters = ClientCounters()
}

/// What has happened since the client began. Each only rises, but for the two that say how much is under way now.
package struct ClientCounters: Hashable, Sendable {
    /// Connections that the server accepted.
    package var connections = 0
    /// Attempts that failed before the server accepted.
    package var failedAttempts = 0
    /// Times that the server had lost the session that this client relied on.
    package var sessionsLost = 0
    /// Messages taken in, with every repetition.
    package var messagesReceived = 0
    /// Of those, the ones that came with a fault.
    package var messagesUnreadable = 0
    /// Properties of messages that were left out because their values break a rule.
    package var propertiesDropped = 0
    package var acknowledgementsSent = 0
    /// QoS 1 messages that came although Receive Maximum was used up.
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
    /// Packets that answer to nothing: unknown identifiers, PINGRESP unasked.
    package var unexpectedPackets = 0
    package var pingsSent = 0
    /// Times that reading was paused.
    package var readingPauses = 0
    /// The most messages that waited for the application at once.
    package var bufferHighWater = 0
    /// Bytes that had come in unread when a connection ended: QoS 0 messages in them are lost.
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
    /// The server accepted, and all subscriptions stand. `sessionResumed`: its session is the one this client had.
    case connected(sessionResumed: Bool)
    /// Waiting before the next attempt.
    case disconnected(ConnectionEnd)
    /// `run()` has returned.
    case stopped
}

/// Why a connection, or an attempt at one, ended.
package enum ConnectionEnd: Hashable, Sendable {
    /// `run()` was cancelled, and DISCONNECT sent.
    case stopped
    /// `cutConnection()`.
    case cut
    /// The transport could not be made.
    case connectFailed(String)
    /// The line could not be secured, or the server wants it secured.
    case tls(TLSFailure)
    /// The transport failed.
    case transportFailed(String)
    /// The server closed before it answered to CONNECT.
    case closedUnanswered(isSecured: Bool)
    /// The server closed without a word: normal at its shutdown, and at a take-over by another client of the same id.
    case closedByServer
    /// The server sent DISCONNECT.
    case disconnectedByServer(ReasonCode, reason: String?)
    /// CONNACK with a failure code.
    case refused(ReasonCode, reason: String?)
    /// The server broke a rule.
    case protocolError(CodecError)
    /// The server did not answer in time.
    case timedOut(TimedOut)
    case subscriptionRefused(SubscriptionRefusal)
    /// The server has a session under our id that we know nothing of: discarded at the next attempt (3.2.2-4).
    case unknownSession
    /// Version 3.1.1 only: an unknown session was discarded by a connection of its own.
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
        case .tls(let failure): "no secured line: \(failure)"
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
