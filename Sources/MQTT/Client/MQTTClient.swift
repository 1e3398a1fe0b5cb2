// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Logging
import NIOConcurrencyHelpers
import NIOCore

/// An MQTT client, version 5 or 3.1.1, whose messages the application acknowledges when it has them for good.
///
/// One `run()` connects, and connects again for ever; cancelling its task ends the client with a DISCONNECT. A client
/// runs once. Everything else may be called from any thread, at any time.
package final class MQTTClient: Sendable {
    let configuration: ClientConfiguration
    let environment: ClientEnvironment
    let logger: Logger
    let driver: ConnectionDriver
    let board: StatusBoard
    let buffer: MessageBuffer
    let book: AcknowledgementBook
    private let hasRun = NIOLockedValueBox(false)

    /// Enough to tell clients apart in a log.
    private static let loggedClientIDLength = 16

    /// Checks nothing and connects nowhere: `run()` does.
    package init(
        configuration: ClientConfiguration, logger: Logger, environment: ClientEnvironment = ClientEnvironment()
    ) {
        var logger = logger
        // Its beginning alone: who knows the whole of it can take the session.
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

    /// The messages of all connections, in order of arrival. One consumer; see `IncomingMessages`.
    package var messages: IncomingMessages { IncomingMessages(buffer: buffer) }

    /// Takes what `messages` still holds, for a caller that ends without having consumed it: QoS 0 messages have no
    /// other copy.
    package func takeWaitingMessages() -> [IncomingMessage] { buffer.takeAll() }

    /// A snapshot; cheap.
    package var status: ClientStatus { board.status }

    /// The state now, then every change; ends when the client has stopped. Any number of followers; one that is 16
    /// changes behind misses the oldest.
    package var states: AsyncStream<ConnectionState> { board.follow() }

    /// Publishes one message.
    ///
    /// QoS 0 returns when the bytes are with the operating system. QoS 1 returns at PUBACK, across reconnects if the
    /// session is resumed: then it is sent again with DUP. Messages of one caller that waits for each outcome arrive in
    /// their order. Throws `PublishError`, or `CancellationError` when the task is cancelled; then a message that was
    /// sent stays sent. Never await a QoS 1 publish in the task that consumes `messages`.
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

    /// Connects, and connects again whenever the connection ends, until its task is cancelled. Then it sends DISCONNECT
    /// and returns, after a second at most if the server keeps its end open.
    ///
    /// Throws `ConfigurationError` alone, at once: what can never work, or a second run.
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
