// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
package import Logging
import MQTT
package import SQL
package import Service
package import Store
import Synchronization
import Wire

/// The MQTT edge: what desk units say goes to Ingest, in order of arrival; the broker's ack and the unit's `ack` leave after
/// the commit.
///
/// Back-pressure goes from the database to the socket: while Ingest's queue is full nothing is taken from the client, whose
/// buffer fills, so that the socket is left unread.
package struct DeskEdge: Sendable {
    private let client: MQTTClient
    private let ingest: Ingest
    private let store: Store
    private let term: any LeaderTerm
    private let replies: ReplyQueue
    private let logger: Logger

    /// How many QoS 1 messages the broker may have under way to us: what one commit can acknowledge.
    package static let receiveMaximum: UInt16 = 512
    /// How many replies are under way to units at once.
    private static let replyWorkers = 32

    /// - Parameter term: this process's time as leader: without it no session is taken and nothing is delivered.
    package init(broker: BrokerConnection, ingest: Ingest, store: Store, term: any LeaderTerm, logger: Logger) {
        var configuration = ClientConfiguration(address: broker.address, clientID: broker.clientID)
        configuration.version = broker.version
        configuration.credentials = broker.credentials
        configuration.session = .persistent(
            expirySeconds: BrokerConnection.sessionExpirySeconds,
            marker: StoredSession(store: store, term: term, broker: broker.name, clientID: broker.clientID))
        configuration.receiveMaximum = Self.receiveMaximum
        configuration.receiveMaximumPolicy = .tolerate(upTo: 16_384)
        configuration.bufferLimit = 1024
        configuration.subscriptions = broker.subscriptions
        configuration.backoff.cap = .seconds(5)
        // Health tells since when by the server's own time, which a demonstration scales.
        let environment = ClientEnvironment(now: { store.now.milliseconds })
        client = MQTTClient(configuration: configuration, logger: logger, environment: environment)
        self.ingest = ingest
        self.store = store
        self.term = term
        replies = ReplyQueue(limit: 8192)
        self.logger = logger
    }

    /// Runs until cancelled. Throws where the configuration can't be used at all.
    package func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await client.run() }
            group.addTask { await receive() }
            for _ in 0..<Self.replyWorkers { group.addTask { await reply() } }
            try await group.next()
            group.cancelAll()
        }
    }

    private func receive() async {
        for await message in client.messages {
            let delivery = Delivery(
                topic: message.topic, payload: message.payload, isRetained: message.isRetained, arrivedAt: store.now)
            let replies = replies
            let trace = MessageTrace(message, ingest.tracer)
            await ingest.submit(
                Arrival(delivery, mayBeDisplaced: message.qos == .atMostOnce, trace: trace?.context) {
                    settlement in
                    message.ack()
                    trace?.end(settlement)
                    guard case .committed(let verdict, _) = settlement, let reply = verdict.reply else { return }
                    replies.append(OwedReply(reply: reply, trace: trace?.context))
                })
        }
    }

    /// Tells units what the database has. A reply that can't be sent is not kept for ever: the unit sends its event again
    /// until a reply names it (`wire/protocol.md` rule 16).
    private func reply() async {
        while let owed = await replies.next() {
            let trace = ReplyTrace(owed, ingest.tracer)
            do {
                try await trace.within { try await send(owed.reply) }
            } catch {
                return
            }
        }
    }

    /// Throws `CancellationError` alone.
    private func send(_ reply: UnitReply) async throws {
        guard let topic = Topic.command(reply.unit).text else { return }
        let about: Logger.Metadata = ["unit": "\(reply.unit)", "seq": "\(reply.seq)"]
        do {
            try await term.requireHeld()
            _ = try await client.publish(
                topic: topic, payload: UnitCommand.ack(reply).encoded, qos: .atLeastOnce, retain: false)
            logger.debug("A unit was told what became of its event", metadata: about)
        } catch let error as CancellationError {
            throw error
        } catch {
            logger.warning(
                "A unit could not be told what became of its event; it will ask again",
                metadata: about.merging(["error": "\(error)"]) { $1 })
        }
    }

    /// Whether the broker is there, and since when not.
    package func check() -> HealthCheck {
        let status = client.status
        if case .connected = status.state { return HealthCheck(name: "broker") }
        let since = Timestamp(milliseconds: status.since)
        return HealthCheck(name: "broker", failure: .init(detail: "no session: \(status.state)", since: since))
    }
}
