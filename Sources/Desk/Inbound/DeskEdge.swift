// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Concurrency
import Domain
package import Logging
import MQTT
import Rules
package import SQL
package import Service
package import Store
import Synchronization
import Wire

/// The MQTT edge: what desk units say goes to Ingest, in order of arrival; the broker's ack and the unit's `ack` leave
/// after the commit.
///
/// Back-pressure goes from the database to the socket: while Ingest's queue is full nothing is taken from the client,
/// whose buffer fills, so that the socket is left unread. One unit that floods QoS 0 doesn't fill that queue: it has
/// its share.
package struct DeskEdge: Sendable {
    private let client: MQTTClient
    private let ingest: Ingest
    private let store: Store
    private let term: any LeaderTerm
    private let replies: ReplyQueue
    private let echoes: QueueProbe
    private let logger: Logger

    /// How many QoS 1 messages the broker may have under way to us: what one commit can acknowledge.
    package static let receiveMaximum: UInt16 = 512
    private let handoverTimeout: Duration
    /// How many replies are under way to units at once.
    private static let replyWorkers = 32

    /// - Parameters:
    ///   - term: this process's time as leader: without it no session is taken and nothing is delivered.
    ///   - handoverTimeout: how long Ingest may take to take in what was received, once the session is closed.
    ///   - callInterval: how often to measure the broker's queue on a connection: see `QueueAgeEstimator`.
    package init(
        broker: BrokerConnection, ingest: Ingest, store: Store, term: any LeaderTerm,
        handoverTimeout: Duration = .seconds(2), callInterval: Duration = .seconds(5), logger: Logger
    ) {
        var configuration = ClientConfiguration(address: broker.address, clientID: broker.clientID)
        configuration.version = broker.version
        configuration.credentials = broker.credentials
        configuration.session = .persistent(
            expirySeconds: BrokerConnection.sessionExpirySeconds,
            marker: StoredBrokerSession(store: store, term: term, broker: broker.name, clientID: broker.clientID))
        configuration.receiveMaximum = Self.receiveMaximum
        configuration.receiveMaximumPolicy = .tolerate(upTo: 16_384)
        // What one unit sends may not keep all others from being heard: see `UnreadableMessagePolicy`.
        configuration.unreadableMessages = .deliver
        configuration.bufferLimit = 1024
        configuration.subscriptions = broker.subscriptions
        configuration.backoff = Backoff(first: .milliseconds(200), cap: .seconds(5), jitter: 0...1)
        // Health tells since when by the server's own time, which a demonstration scales.
        let environment = ClientEnvironment(now: { store.now.milliseconds })
        client = MQTTClient(configuration: configuration, logger: logger, environment: environment)
        self.ingest = ingest
        self.store = store
        self.term = term
        self.handoverTimeout = handoverTimeout
        replies = ReplyQueue(limit: 8192)
        echoes = QueueProbe(client, time: { store.clock }, interval: callInterval, logger: logger)
        self.logger = logger
    }

    /// Runs until cancelled. Throws if the configuration can't be used at all.
    ///
    /// When it is cancelled the session is closed first; then what had come in is handed to Ingest, as far as that
    /// takes it within `handoverTimeout`. Messages that are left are counted there.
    package func run() async throws {
        // Not of this task, whose cancellation would keep it from handing on what came in. Awaited by `finish`.
        let receiver = Task { await receive() }
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await client.run() }
                group.addTask { await echoes.run { await note($0) } }
                for _ in 0..<Self.replyWorkers { group.addTask { await reply() } }
                try await group.next()
                group.cancelAll()
            }
        } catch {
            await finish(receiver)
            throw error
        }
        await finish(receiver)
    }

    /// The receiver ends by itself with the client's last message; it is cancelled if Ingest takes nothing more.
    private func finish(_ receiver: Task<Void, Never>) async {
        let limit = Task { [handoverTimeout] in
            guard (try? await Task.sleep(for: handoverTimeout)) != nil else { return }
            receiver.cancel()
        }
        await receiver.value
        limit.cancel()
        let bytes = client.status.counters.bytesDropped
        if bytes > 0 {
            logger.notice(
                "Bytes had come from the broker that were not a whole message when a connection ended",
                metadata: ["bytes": "\(bytes)"])
        }
    }

    /// Records that the broker dropped messages, so that `doctor` and later readers know of it.
    private func note(_ news: DropDetector.News) async {
        do {
            try await store.write(via: term) { transaction in
                let cause = RefusalRepository.Cause(unit: "", reason: RefusalRepository.Cause.droppedByBroker)
                try RefusalRepository(transaction).record([cause: (Int64(max(news.messages, news.calls)), [])])
            }
        } catch {
            logger.warning(
                "The database could not be told that the broker dropped messages", metadata: ["error": "\(error)"])
        }
    }

    /// Hands messages on in their order until the client has ended and all are taken.
    private func receive() async {
        var (left, lost) = (0, 0)
        for await message in client.messages where !echoes.take(message) {
            let isTaken = await ingest.submit(arrival(of: message))
            guard !isTaken else { continue }
            left += 1
            if message.qos == .atMostOnce { lost += 1 }
        }
        let waiting = client.takeWaitingMessages().filter { !echoes.take($0) }
        ingest.leave(
            behind: left + waiting.count, ofThemOnceOnly: lost + waiting.count { $0.qos == .atMostOnce })
    }

    private func arrival(of message: IncomingMessage) -> Arrival {
        let clock = store.clock
        let delivery = Delivery(
            topic: message.topic, payload: message.payload, isRetained: message.isRetained, arrivedAt: clock.moment,
            age: echoes.age(of: message, at: clock), isReadable: message.fault == nil)
        let replies = replies
        let trace = MessageTrace(message, ingest.tracer)
        let mayBeDisplaced = message.qos == .atMostOnce
        // Of the message nothing else is kept: its properties would be memory that no bound counts.
        let acknowledge = message.acknowledger
        return Arrival(delivery, at: clock, mayBeDisplaced: mayBeDisplaced, trace: trace?.context) { settlement in
            acknowledge()
            trace?.end(settlement)
            guard case .committed(let verdict, _) = settlement, let reply = verdict.reply else { return }
            replies.append(OwedReply(reply: reply, trace: trace?.context))
        }
    }

    /// Tells units what the database has. A reply that can't be sent is not kept for ever: the unit sends its event
    /// again until a reply names it (`wire/protocol.md` rule 16).
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

    /// Messages that the broker has handed over, with every repetition, and echoes among them.
    package var received: Int { client.status.counters.messagesReceived }

    /// Whether the broker has dropped, lately, what it had acknowledged to a unit.
    package func queueCheck() -> HealthCheck {
        HealthCheck(name: "queue", failure: echoes.drops())
    }

    /// Whether the broker is there and its queue is followed, and since when not.
    package func check() -> HealthCheck {
        let status = client.status
        if case .connected = status.state {
            // While nothing is committed nothing is acknowledged, and the broker may send no more: that is not its
            // fault.
            guard ingest.check().failure == nil else { return HealthCheck(name: "broker") }
            let since = Timestamp(milliseconds: status.since)
            return HealthCheck(
                name: "broker", failure: echoes.trouble(connectedSince: since, on: status.counters.connections))
        }
        let since = Timestamp(milliseconds: status.downSince ?? status.since)
        return HealthCheck(name: "broker", failure: .init(detail: "no session: \(status.state)", since: since))
    }
}
