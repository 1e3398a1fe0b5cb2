// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import CoreMetrics
import Foundation
package import Logging
import ServiceLifecycle

/// Sends spans to a collector when a batch is full, and otherwise every 2 s. It makes one request at a time.
///
/// The exporter never delays other work: if a collector is slow or away, the buffer fills, and further spans are
/// dropped and counted. A graceful shutdown sends the waiting spans, within `farewell`.
package struct SpanExporter: Service {
    private let buffer: SpanBuffer
    private let endpoint: OTLPEndpoint
    private let resource: OTLPEncoding.Resource
    private let version: String
    private let logger: Logger
    private let interval: Duration
    private let exported: Counter
    private let failed: Counter

    /// Bounds the wait for a collector at a graceful shutdown.
    static let farewell = Duration.seconds(2)

    package init(
        _ buffer: SpanBuffer, to endpoint: OTLPEndpoint, from resource: OTLPEncoding.Resource, version: String,
        every interval: Duration = .seconds(2), factory: any MetricsFactory, logger: Logger
    ) {
        self.buffer = buffer
        self.endpoint = endpoint
        self.resource = resource
        self.version = version
        self.interval = interval
        self.logger = logger
        let label = "consultease.telemetry.spans"
        exported = Counter(label: label, dimensions: [("outcome", "exported")], factory: factory)
        failed = Counter(label: label, dimensions: [("outcome", "failed")], factory: factory)
    }

    /// Runs until cancelled or a graceful shutdown. It throws nothing: a missing collector is no reason to stop.
    package func run() async {
        await withGracefulShutdownHandler {
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    while !Task.isCancelled, !Task.isShuttingDownGracefully {
                        try? await Task.sleep(for: interval)
                        buffer.wakeExporter()
                    }
                }
                for await _ in buffer.wakes {
                    if Task.isShuttingDownGracefully { break }
                    await exportAll()
                    if Task.isCancelled { break }
                }
                group.cancelAll()
            }
            if Task.isShuttingDownGracefully { await sayFarewell() }
        } onGracefulShutdown: {
            buffer.wakeExporter()
        }
    }

    private func exportAll() async {
        while !Task.isCancelled, !Task.isShuttingDownGracefully {
            let spans = buffer.take()
            guard !spans.isEmpty else { return }
            await export(spans)
        }
    }

    private func sayFarewell() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                while !Task.isCancelled {
                    let spans = buffer.take()
                    guard !spans.isEmpty else { return }
                    await export(spans, attempts: 1)
                }
            }
            group.addTask { try? await Task.sleep(for: Self.farewell) }
            await group.next()
            group.cancelAll()
        }
    }

    private func export(_ spans: [SpanRecord], attempts: Int = ExportRetry.attempts) async {
        let body = OTLPEncoding.request(spans, from: resource, version: version)
        for attempt in 1...attempts {
            let outcome = await post(body)
            let decision = ExportRetry.decide(outcome, attempt: attempt, random: .random(in: 0..<1))
            switch decision {
            case .done(let rejected):
                exported.increment(by: spans.count - min(rejected, spans.count))
                failed.increment(by: min(rejected, spans.count))
                return
            case .giveUp(let why):
                return giveUp(spans, why)
            case .again(let wait):
                guard attempt < attempts, !Task.isCancelled else { return giveUp(spans, "\(outcome)") }
                // During a shutdown the next attempt follows at once. After a cancellation it is the last.
                try? await Task.sleep(for: Task.isShuttingDownGracefully ? .zero : wait)
            }
        }
    }

    private func giveUp(_ spans: [SpanRecord], _ why: String) {
        failed.increment(by: spans.count)
        logger.warning(
            "Spans could not be exported",
            metadata: ["spans": "\(spans.count)", "to": "\(endpoint)", "reason": "\(why)"])
    }

    private func post(_ body: [UInt8]) async -> ExportRetry.Outcome {
        do {
            let reply = try await HTTPPost(endpoint: endpoint).send(body)
            guard (200..<300).contains(reply.status) else {
                return .status(reply.status, retryAfter: ExportRetry.retryAfter(reply.retryAfter))
            }
            return .taken(rejected: Self.rejected(in: reply.body))
        } catch {
            return .noAnswer("\(error)")
        }
    }

    /// Returns the number of spans that a collector says it rejected (`ExportTracePartialSuccess`); 0 if its answer
    /// can't be read.
    static func rejected(in body: [UInt8]) -> Int {
        struct Answer: Decodable {
            struct Partial: Decodable { let rejectedSpans: Count? }
            let partialSuccess: Partial?
        }
        /// A count as text, as protobuf's JSON demands, or as a number, as some collectors send it.
        struct Count: Decodable {
            let value: Int

            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                if let text = try? container.decode(String.self) {
                    value = Int(text) ?? 0
                } else {
                    value = try container.decode(Int.self)
                }
            }
        }
        let answer = try? JSONDecoder().decode(Answer.self, from: Data(body))
        return max(0, answer?.partialSuccess?.rejectedSpans?.value ?? 0)
    }
}
