// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Logging
import MQTT
import Metrics
import Rules
import Service
import Store
import Synchronization
import Wire

/// Calls through the broker's queue, and hears its echoes: by them it is known how old what comes may be.
final class QueueProbe: Sendable {
    private let client: MQTTClient
    private let time: @Sendable () -> ClockReading
    private let interval: Duration
    private let logger: Logger
    private let book: Mutex<QueueAgeEstimator>
    private let dropped = Mutex(DropDetector())
    private let callsDropped = Counter(label: "consultease.broker.calls.dropped")
    private let messagesDropped = Counter(label: "consultease.broker.messages.dropped")

    /// How often it is looked whether to call.
    private static let look = Duration.milliseconds(500)

    init(
        _ client: MQTTClient, time: @escaping @Sendable () -> ClockReading, interval: Duration, logger: Logger
    ) {
        self.client = client
        self.time = time
        self.interval = interval
        self.logger = logger
        book = Mutex(QueueAgeEstimator(caller: NewPassword.make()))
    }

    /// Calls at once on each connection, and every `interval` after that, or more often while echoes are late, until
    /// cancelled.
    ///
    /// - Parameter noteDropped: records messages that the broker dropped, at most once a minute.
    func run(noteDropped: @escaping @Sendable (DropDetector.News) async -> Void) async {
        let (ticks, tick) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        await withDiscardingTaskGroup { group in
            group.addTask { [client] in
                for await state in client.states {
                    if case .connected = state { tick.yield() }
                }
            }
            group.addTask { [interval] in
                while (try? await Task.sleep(for: min(interval, Self.look))) != nil { tick.yield() }
            }
            for await _ in ticks {
                await tellOfDrops(at: time().moment, noteDropped)
                await call()
            }
            group.cancelAll()
        }
    }

    private func call() async {
        let (status, moment) = (client.status, moment(time()))
        guard case .connected = status.state else { return }
        let connection = status.counters.connections
        guard !renews(status, at: moment.instant) else { return client.cutConnection() }
        let (payload, number) = book.withLock { ($0.call(on: connection, at: moment, every: interval), $0.calls) }
        guard let payload else { return }
        do {
            let outcome = try await client.publish(topic: QueueAgeEstimator.topic, payload: payload, qos: .atLeastOnce)
            guard case .refused(let code, _) = outcome else {
                return book.withLock { $0.acknowledge(number, on: connection) }
            }
            logger.warning(
                "The broker refused a call for an echo: the server's user may not publish there",
                metadata: ["topic": "\(QueueAgeEstimator.topic)", "reason": "\(code)"])
        } catch {
            logger.debug("A call for an echo did not leave", metadata: ["error": "\(error)"])
        }
    }

    /// Whether the broker serves us better over a new connection.
    private func renews(_ status: ClientStatus, at instant: ContinuousClock.Instant) -> Bool {
        // mosquitto 2.0 saves no session that began clean, as this one did to discard an unknown one.
        if status.lastEnd == .unknownSession {
            logger.info("Connecting once more, so that the broker saves the new session")
            return true
        }
        let mustRenew = book.withLock {
            $0.mustRenew(open: status.counters.open, receiveMaximum: Int(DeskEdge.receiveMaximum), at: instant)
        }
        if mustRenew {
            logger.notice("Connecting once more: much waited at the broker, which may withhold messages after that")
        }
        return mustRenew
    }

    /// Takes what is an echo, and acknowledges it; every message must be offered in its order.
    func take(_ message: IncomingMessage) -> Bool {
        if message.topic == DropDetector.topic, message.fault == nil {
            hearCount(message)
            return true
        }
        guard message.topic == QueueAgeEstimator.topic, message.fault == nil, hear(message) else {
            book.withLock { $0.note(onceOnly: message.qos == .atMostOnce, on: message.connection) }
            return false
        }
        message.ack()
        return true
    }

    private func hear(_ message: IncomingMessage) -> Bool {
        let (isCall, overtaken) = book.withLock { book in
            let before = book.overtaken
            return (book.hear(message.payload, on: message.connection), book.overtaken - before)
        }
        guard overtaken > 0 else { return isCall }
        callsDropped.increment(by: overtaken)
        let moment = time().moment
        dropped.withLock { $0.overtook(overtaken, at: moment) }
        return isCall
    }

    /// The broker tells how many messages it has dropped.
    private func hearCount(_ message: IncomingMessage) {
        message.ack()
        guard let count = Int(String(decoding: message.payload, as: UTF8.self)), count >= 0 else { return }
        let moment = time().moment
        let risen = dropped.withLock { $0.counted(count, at: moment) }
        if risen > 0 { messagesDropped.increment(by: risen) }
    }

    private func tellOfDrops(
        at moment: Timestamp, _ noteDropped: @Sendable (DropDetector.News) async -> Void
    ) async {
        guard let news = dropped.withLock({ $0.news(at: moment) }) else { return }
        logger.error(
            "The broker dropped messages that it had acknowledged, since a queue was full",
            metadata: ["messages-by-its-count": "\(news.messages)", "own-calls-among-them": "\(news.calls)"])
        await noteDropped(news)
    }

    /// Why what units say can't be relied on: the broker dropped some of it lately.
    func drops() -> HealthCheck.Failure? {
        let moment = time().moment
        return dropped.withLock { $0.since(at: moment) }.map { since in
            HealthCheck.Failure(
                detail: "the broker dropped messages that it had acknowledged, since its queue for the server was full",
                since: since)
        }
    }

    func age(of message: IncomingMessage, at clock: ClockReading) -> Delivery.Age {
        let moment = moment(clock)
        return book.withLock { $0.age(on: message.connection, isRepeated: message.isDuplicate, at: moment) }
    }

    /// Why nothing that comes counts as just said; nil if it does.
    ///
    /// - Parameters:
    ///   - connectedSince: when the session was taken, before which nothing could be called.
    ///   - connection: its number: what an earlier one's echoes told says nothing of it.
    func trouble(connectedSince: Timestamp, on connection: Int) -> HealthCheck.Failure? {
        let silentSince = book.withLock { book in
            (book.hasHeard(on: connection) ? nil : connectedSince) ?? book.silence(at: .now)
        }
        return silentSince.map {
            HealthCheck.Failure(
                detail: """
                    no echo on \(QueueAgeEstimator.topic): messages wait in the broker's queue, or the server's user may not publish \
                    and read there
                    """, since: $0)
        }
    }

    private func moment(_ clock: ClockReading) -> QueueAgeEstimator.Moment {
        QueueAgeEstimator.Moment(clock: clock, instant: .now)
    }
}
