// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Concurrency
import Logging
import NIOConcurrencyHelpers
import Testing

@testable import MQTT

/// Runs a client during `body`, then ends it and waits for its end.
func withClient<Result: Sendable>(
    _ configuration: ClientConfiguration, log: RecordedLog = RecordedLog(),
    _ body: (MQTTClient) async throws -> Result
) async throws -> Result {
    let client = MQTTClient(configuration: configuration, logger: log.logger)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await client.run() }
        do {
            let result = try await body(client)
            group.cancelAll()
            try await group.waitForAll()
            return result
        } catch {
            group.cancelAll()
            throw error
        }
    }
}

/// Polls `condition` until it holds; fails after a minute, which is only a safety bound.
func eventually(
    _ text: String, sourceLocation: SourceLocation = #_sourceLocation, _ condition: () async throws -> Bool
) async throws {
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(60)
    while try await !condition() {
        guard clock.now < deadline else {
            Issue.record("not in time: \(text)", sourceLocation: sourceLocation)
            throw NotInTime()
        }
        try await clock.sleep(for: .milliseconds(2))
    }
}

struct NotInTime: Error {}

extension MQTTClient {
    /// Waits until a connection is up.
    func connected() async throws {
        for await state in states { if case .connected = state { return } }
        throw NotInTime()
    }
}

extension ClientConfiguration {
    /// Returns a configuration for a scripted server, with a short back-off.
    static func scripted(
        _ broker: ScriptedBroker, _ version: ProtocolVersion = .v5, marker: MemoryMarker? = nil, filters: [String] = []
    ) -> ClientConfiguration {
        var configuration = ClientConfiguration(address: .tcp(host: "127.0.0.1", port: broker.port), clientID: "c")
        configuration.version = version
        if let marker { configuration.session = .persistent(expirySeconds: 3_600, marker: marker) }
        configuration.subscriptions = filters.map { Subscription($0) }
        configuration.backoff = Backoff(first: .milliseconds(2), cap: .milliseconds(20), jitter: 0...1)
        return configuration
    }
}

/// A log that a test can read.
final class RecordedLog: Sendable {
    private let lines = NIOLockedValueBox<[String]>([])

    var logger: Logger { Logger(label: "mqtt") { _ in Handler(log: self) } }

    var all: [String] { lines.withLockedValue { $0 } }

    private func add(_ line: String) { lines.withLockedValue { $0.append(line) } }

    private struct Handler: LogHandler {
        let log: RecordedLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { $1 }
            log.add("\(event.level): \(event.message) \(all.sorted { $0.key < $1.key })")
        }
    }
}
