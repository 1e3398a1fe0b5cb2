// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation
import Logging
import NIOHTTP1
import ServiceLifecycle
import ServiceLifecycleTestKit
import Testing
import Tracing

@testable import Telemetry

@Suite("Spans on their way to a collector", .timeLimit(.minutes(5)))
struct ExporterTests {
    private let registry = MetricRegistry()
    private static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func exporter(
        _ buffer: SpanBuffer, _ port: Int, every interval: Duration = .milliseconds(20)
    ) throws -> SpanExporter {
        var endpoint = try OTLPEndpoint("http://127.0.0.1:\(port)")
        endpoint.headers = [.init(name: "X-Key", value: "secret")]
        return SpanExporter(
            buffer, to: endpoint, from: [("service.name", "consultease")], version: "1", every: interval,
            factory: PrometheusMetrics(registry), logger: Self.quiet)
    }

    private func buffer(limit: Int = 100, batch: Int = 10) -> SpanBuffer {
        SpanBuffer(limit: limit, batch: batch, factory: PrometheusMetrics(registry))
    }

    private func count(_ outcome: String) -> Int {
        let prefix = #"consultease_telemetry_spans_total{outcome="\#(outcome)"} "#
        return registry.text().split(separator: "\n").first { $0.hasPrefix(prefix) }
            .flatMap { Int($0.dropFirst(prefix.count)) } ?? 0
    }

    private static func spans(in request: Collector.Request) throws -> [[String: Any]] {
        let json = try JSONSerialization.jsonObject(with: Data(request.body)) as? [String: Any]
        let resource = (json?["resourceSpans"] as? [[String: Any]])?.first
        let scope = (resource?["scopeSpans"] as? [[String: Any]])?.first
        return try #require(scope?["spans"] as? [[String: Any]])
    }

    private func running(_ exporter: SpanExporter, _ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await exporter.run() }
            defer { group.cancelAll() }
            try await body()
        }
    }

    @Test func spansArriveInBatchesWithTheirHeaders() async throws {
        try await Collector.with { collector, port in
            let buffer = buffer()
            for _ in 0..<25 { buffer.add(try EncodingTests.span()) }
            try await running(try exporter(buffer, port)) {
                try await eventually("all are exported") { count("exported") == 25 }
            }
            let requests = collector.requests
            #expect(try requests.map { try Self.spans(in: $0).count } == [10, 10, 5])
            #expect(requests[0].path == "/v1/traces")
            #expect(requests[0].headers["content-type"] == ["application/json"])
            #expect(requests[0].headers["x-key"] == ["secret"])
        }
    }

    @Test func aFullBatchLeavesAtOnce() async throws {
        try await Collector.with { collector, port in
            let buffer = buffer()
            try await running(try exporter(buffer, port, every: .seconds(3_600))) {
                for _ in 0..<10 { buffer.add(try EncodingTests.span()) }
                try await eventually("a batch has come") { !collector.requests.isEmpty }
            }
        }
    }

    @Test func aCollectorThatIsBusyIsAskedAgainWhenItSays() async throws {
        let busy = Collector.Answer(status: 503, headers: [("Retry-After", "0")])
        try await Collector.with([busy, busy]) { collector, port in
            let buffer = buffer()
            buffer.add(try EncodingTests.span())
            try await running(try exporter(buffer, port)) {
                try await eventually("exported") { count("exported") == 1 }
            }
            #expect(collector.requests.count == 3)
            #expect(collector.requests[0].body == collector.requests[2].body)
        }
    }

    @Test func aFinalRefusalIsCountedAndTheNextBatchGoesOn() async throws {
        let answers = [
            Collector.Answer(status: 400),
            Collector.Answer(status: 200, body: #"{"partialSuccess":{"rejectedSpans":"4"}}"#),
        ]
        try await Collector.with(answers) { _, port in
            let buffer = buffer()
            for _ in 0..<20 { buffer.add(try EncodingTests.span()) }
            try await running(try exporter(buffer, port)) {
                try await eventually("counted") { count("exported") == 6 && count("failed") == 14 }
            }
        }
    }

    @Test func anUnreachableCollectorDelaysNothing() async throws {
        let port = try await Collector.with { _, port in port }
        let buffer = buffer(limit: 10)
        try await running(try exporter(buffer, port)) {
            try await eventually("spans are dropped") {
                for _ in 0..<10 { buffer.add(try EncodingTests.span()) }
                return count("dropped") > 100
            }
        }
        #expect(buffer.count <= 10)
    }

    @Test func aGracefulShutdownSendsWhatWaits() async throws {
        try await Collector.with { collector, port in
            let buffer = buffer()
            let exporter = try exporter(buffer, port, every: .seconds(3_600))
            await testGracefulShutdown { trigger in
                await withTaskGroup(of: Void.self) { group in
                    group.addTask { await exporter.run() }
                    for _ in 0..<3 { if let span = try? EncodingTests.span() { buffer.add(span) } }
                    trigger.triggerGracefulShutdown()
                    await group.waitForAll()
                }
            }
            #expect(try collector.requests.map { try Self.spans(in: $0).count } == [3])
        }
    }
}
