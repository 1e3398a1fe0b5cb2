// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Logging
import NIOConcurrencyHelpers
import NIOCore

/// An MQTT client, version 5 or 3.1.1, that acknowledges a message only after the application says so.
///
/// `run()` connects, and reconnects until its task is cancelled; it then sends DISCONNECT. A client runs once.
/// Everything else may be called from any thread, at any time.
package final class MQTTClient: Sendable {
    let configuration: ClientConfiguration
    let environment: ClientEnvironment
    let logger: Logger
    let driver: ConnectionDriver
    let board: StatusBoard
    let buffer: MessageBuffer
    let book: AcknowledgementBook
    private let hasRun = NIOLockedValueBox(false)

    /// Long enough to tell clients apart in a log.
    private static let loggedClientIDLength = 16

    /// Stores the configuration. `run()` checks it and connects.
    package init(
        configuration: ClientConfiguration, logger: Logger, environment: ClientEnvironment = ClientEnvironment()
    ) {
        var logger = logger
        // Logs only the beginning: a reader of the log with the whole id could take over the session.
        logger[metadataKey: "client-id"] =
            "\(String(configuration.clientID.unicodeScalars.prefix(Self.loggedClientIDLength)))"
        logger[metadataKey: "broker"] = "\(configuration.address)"
        self.configuration = configuration
        self.environment = environment
        self.logger = logger
        let board = StatusBoard(now: environment.now, stableAfter: configuration.stableAfter)
        let driver = ConnectionDriver(
            configuration, eventLoop: environment.group.next(), transport: environment.transport, board: board,
            logger: logger)
        self.board = board
        self.driver = driver
        buffer = MessageBuffer(limit: configuration.bufferLimit, byteLimit: configuration.bufferBytes) {
            [weak driver] in
            driver?.enqueue { $0.applicationCaughtUp() }
        }
        book = AcknowledgementBook { [weak driver] in
            driver?.enqueue { $0.applicationCaughtUp() }
        }
    }

    /// The messages of all connections, in order of arrival, for one consumer; see `IncomingMessages`.
    package var messages: IncomingMessages { IncomingMessages(buffer: buffer) }

    /// Takes the messages that `messages` still holds, for a caller that ends without consuming them: QoS 0 messages
    /// have no other copy.
    package func takeWaitingMessages() -> [IncomingMessage] { buffer.takeAll() }

    /// A snapshot of what the client is doing. Cheap to read.
    package var status: ClientStatus { board.status }

    /// Yields the current state, then every change, and ends when the client has stopped. Any number of readers may
    /// follow; a reader that is 16 changes behind misses the oldest.
    package var states: AsyncStream<ConnectionState> { board.follow() }

    /// Publishes one message.
    ///
    /// At QoS 0 it returns when the operating system has the bytes. At QoS 1 it returns at PUBACK; after a reconnect
    /// that resumes the session, the client sends the message again with DUP. If a caller awaits each outcome, its
    /// messages arrive in order. Throws `PublishError`, or `CancellationError` if the task is cancelled; a message that
    /// was sent before the cancellation stays sent. Never await a QoS 1 publish in the task that consumes `messages`.
    package func publish(
        topic: String, payload: [UInt8], qos: QoS = .atLeastOnce, retain: Bool = false,
        properties: MessageProperties = .none
    ) async throws -> PublishOutcome {
        let message = SendQueue.Message(
            topic: topic, payload: payload, isRetained: retain, properties: properties.properties)
        return try await driver.publish(SessionMachine.OutgoingMessage(message: message, qos: qos))
    }

    /// Closes the transport without DISCONNECT, as a fault would; `run()` connects again.
    package func cutConnection() { driver.cut() }

    /// Connects, and reconnects after each end of a connection, until its task is cancelled. Then it sends DISCONNECT
    /// and returns, at the latest after a second if the server keeps its side open.
    ///
    /// Throws only `ConfigurationError`, before it connects: for a configuration that can never work, or for a second
    /// run.
    package func run() async throws {
        try configuration.validate()
        let isFirst = hasRun.withLockedValue { hasRun in
            defer { hasRun = true }
            return !hasRun
        }
        guard isFirst else { throw ConfigurationError(description: "a client runs once") }
        await driver.adopt(buffer, book)
        await connectForEver()
        await driver.finishAll()
        logger.info("MQTT stopped")
        board.enter(.stopped)
    }
}
