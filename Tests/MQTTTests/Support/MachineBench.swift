// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

@testable import MQTT

/// Drives a session machine for tests, and records its actions.
struct MachineBench {
    var machine: SessionMachine
    private(set) var nextToken: SendQueue.Token = 0

    init(_ configuration: ClientConfiguration = .forTests()) {
        machine = SessionMachine(configuration)
    }

    typealias Action = SessionMachine.Action

    mutating func handle(_ event: SessionMachine.Event) -> [Action] { machine.handle(event) }
    mutating func receive(_ packet: Packet) -> [Action] { machine.handle(.received(packet)) }

    /// Opens a connection that the server accepts; returns the machine's actions after CONNACK.
    mutating func connect(sessionPresent: Bool = false, _ properties: Properties = []) -> [Action] {
        _ = handle(.transportOpened)
        return receive(
            .connack(ConnAck(isSessionPresent: sessionPresent, reasonCode: .success, properties: properties)))
    }

    mutating func close() { _ = handle(.transportClosed) }

    /// Publishes at QoS 1 by default; returns the machine's actions and the message's token.
    mutating func publish(
        _ topic: String, qos: QoS = .atLeastOnce, retain: Bool = false, payload: [UInt8] = [],
        properties: Properties = []
    ) -> (token: SendQueue.Token, actions: [Action]) {
        let token = nextToken
        nextToken += 1
        let message = SendQueue.Message(topic: topic, payload: payload, isRetained: retain, properties: properties)
        return (token, handle(.publish(SessionMachine.OutgoingMessage(message: message, qos: qos), token)))
    }
}

extension [SessionMachine.Action] {
    var packets: [Packet] { compactMap { if case .send(let packet) = $0 { packet } else { nil } } }
    var types: [PacketType] { packets.map(\.type) }
    var publishes: [Publish] { packets.compactMap { if case .publish(let publish) = $0 { publish } else { nil } } }
    var delivered: [Publish] { compactMap { if case .deliver(let publish) = $0 { publish } else { nil } } }

    var end: ConnectionEnd? {
        for case .close(let end) in self { return end }
        return nil
    }

    /// The code of the DISCONNECT that was sent.
    var disconnectCode: ReasonCode? {
        for case .disconnect(let disconnect) in packets { return disconnect.reasonCode }
        return nil
    }

    var outcomes: [SendQueue.Token: Result<PublishOutcome, PublishError>] {
        var outcomes: [SendQueue.Token: Result<PublishOutcome, PublishError>] = [:]
        for case .finish(let token, let result) in self { outcomes[token] = result }
        return outcomes
    }
}

extension ClientConfiguration {
    static func forTests(
        _ version: ProtocolVersion = .v5, persistent: Bool = false, filters: [String] = []
    ) -> ClientConfiguration {
        var configuration = ClientConfiguration(address: .tcp(host: "127.0.0.1", port: 1), clientID: "c")
        configuration.version = version
        if persistent { configuration.session = .persistent(expirySeconds: 3_600, marker: MemoryMarker()) }
        configuration.subscriptions = filters.map { Subscription($0) }
        return configuration
    }
}
