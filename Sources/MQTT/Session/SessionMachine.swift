// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// The state machine of one client's session, across its connections: it decides the actions for each event. It has no
/// I/O and no clock.
///
/// The caller executes the actions in their order, and none after `.close`. It passes in packets as they arrive while
/// it reads the socket, and the application's acknowledgements as `AckLedger` releases them.
struct SessionMachine: Sendable {
    enum Event: Sendable {
        /// An earlier process had a session; sent before the first connection.
        case sessionRemembered
        /// The transport is connected.
        case transportOpened
        case received(Packet)
        /// The received bytes are no valid packet.
        case malformed(CodecError)
        /// The ledger released one QoS 1 message from its head.
        case acknowledged(PacketID)
        case publish(OutgoingMessage, SendQueue.Token)
        /// The caller no longer waits for the outcome.
        case forget(SendQueue.Token)
        /// The QoS 0 bytes have been sent, or can't be.
        case handedOver
        case timedOut(ConnectionEnd.TimedOut)
        /// The application wants the client to end.
        case stop
        /// The transport has closed, for any reason.
        case transportClosed
    }

    enum Action: Hashable, Sendable {
        case send(Packet)
        case deliver(Publish)
        /// The server accepted the connection. Comes before every other action of the connection.
        case accepted(ServerLimits, sessionResumed: Bool)
        /// SUBSCRIBE was sent; the caller starts the deadline for its answer.
        case subscribing
        /// All subscriptions are in place.
        case ready(sessionResumed: Bool)
        /// A QoS 0 message is among the bytes sent so far; the caller must report `handedOver`.
        case handOver(SendQueue.Token)
        case finish(SendQueue.Token, Result<PublishOutcome, PublishError>)
        case pingAnswered
        case note(Note)
        /// The caller closes the transport after it has sent everything. The first `.close` of a connection says why it
        /// ended.
        case close(ConnectionEnd)
    }

    /// A notice for the log.
    enum Note: Hashable, Sendable {
        case sessionLost(inFlight: Int)
        case receiveMaximumExceeded(open: Int, maximum: Int)
        case subscriptionRefused(SubscriptionRefusal)
        case subscriptionAtLowerQoS(filter: String, granted: QoS)
        case unexpected(PacketType)
        /// A message breaks a rule that the server should have enforced on its sender; nil if only properties do.
        case unreadable(CodecError?)
    }

    struct OutgoingMessage: Hashable, Sendable {
        var message: SendQueue.Message
        var qos: QoS
    }

    enum Phase: Hashable, Sendable {
        case disconnected
        case awaitingConnAck(cleanStart: Bool)
        case connected(ServerLimits, sessionResumed: Bool)
        /// The machine has returned `.close`.
        case closing
    }

    let configuration: ClientConfiguration
    let encoder: PacketEncoder
    var phase = Phase.disconnected
    var counters = ClientCounters()
    var queue = SendQueue()
    var ids = PacketIDPool()
    /// Whether this side holds session state, even if that is only that the session exists.
    var hasSession = false
    /// The server has an unknown session to discard: the next CONNECT has Clean Start 1.
    var mustDiscardSession = false
    /// Whether the session is known to hold the configured subscriptions.
    var isSubscribed = false
    var pendingSubscribes: [PacketID: [Subscription]] = [:]
    var assignedClientID: String?
    /// The number of unacknowledged QoS 1 messages of this connection.
    var openCount = 0
    var hasWarnedOfExcess = false
    var hasWarnedOfUnreadable = false
    var handOvers = 0

    init(_ configuration: ClientConfiguration) {
        self.configuration = configuration
        encoder = PacketEncoder(version: configuration.version, from: .client)
    }

    /// Returns the actions, for a caller that has no array to reuse.
    mutating func handle(_ event: Event) -> [Action] {
        var actions: [Action] = []
        handle(event, into: &actions)
        return actions
    }

    mutating func handle(_ event: Event, into actions: inout [Action]) {
        switch event {
        case .sessionRemembered: hasSession = configuration.keepsSession
        case .transportOpened: open(&actions)
        case .received(let packet): receive(packet, &actions)
        case .malformed(let error): fail(error, &actions)
        case .acknowledged(let id): acknowledge(id, &actions)
        case .publish(let message, let token): publish(message, token, &actions)
        case .forget(let token): queue.forget(token)
        case .handedOver: handOvers -= 1
        case .timedOut(let what): if isOpen { close(.timedOut(what), &actions) }
        case .stop: stop(&actions)
        case .transportClosed: closed()
        }
        counters.open = openCount
        counters.publishesUnderWay = queue.count + handOvers
    }

    var isOpen: Bool {
        switch phase {
        case .awaitingConnAck, .connected: true
        case .disconnected, .closing: false
        }
    }

    // MARK: Opening and closing

    private mutating func open(_ actions: inout [Action]) {
        guard phase == .disconnected else { return }
        let cleanStart = !configuration.keepsSession || mustDiscardSession
        phase = .awaitingConnAck(cleanStart: cleanStart)
        let clientID = configuration.clientID.isEmpty ? assignedClientID ?? "" : configuration.clientID
        actions.append(.send(.connect(configuration.connectPacket(cleanStart: cleanStart, clientID: clientID))))
    }

    private mutating func stop(_ actions: inout [Action]) {
        switch phase {
        case .connected:
            send(.disconnect(Disconnect()), &actions)
            close(.stopped, &actions)
        case .awaitingConnAck: close(.stopped, &actions)
        case .disconnected, .closing: return
        }
    }

    private mutating func closed() {
        if case .awaitingConnAck = phase { counters.failedAttempts += 1 }
        phase = .disconnected
        for id in pendingSubscribes.keys { ids.free(id) }
        pendingSubscribes = [:]
        openCount = 0
        hasWarnedOfExcess = false
        hasWarnedOfUnreadable = false
        queue.suspend()
    }

    mutating func close(_ end: ConnectionEnd, _ actions: inout [Action]) {
        if case .awaitingConnAck = phase { counters.failedAttempts += 1 }
        phase = .closing
        actions.append(.close(end))
    }

    /// Ends the connection after a broken rule. Version 5 sends the reason first; 3.1.1 only closes, because its
    /// DISCONNECT would cancel the will.
    mutating func fail(_ error: CodecError, _ actions: inout [Action]) {
        guard isOpen else { return }
        if configuration.version == .v5 {
            let isSayable = error.reasonCode.isListed(for: .disconnect, from: .client, in: .v5)
            let code = isSayable ? error.reasonCode : .protocolError
            send(.disconnect(Disconnect(reasonCode: code)), &actions)
        }
        close(.protocolError(error), &actions)
    }

    /// Sends a packet if it fits the server's Maximum Packet Size (3.2.2-15). Returns false if it doesn't.
    @discardableResult
    mutating func send(_ packet: Packet, _ actions: inout [Action]) -> Bool {
        guard case .connected(let limits, _) = phase, limits.maximumPacketSize != nil else {
            actions.append(.send(packet))
            return true
        }
        guard let packet = limits.trimmed(packet, as: encoder) else { return false }
        actions.append(.send(packet))
        return true
    }
}
