// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import CoreMetrics
import Instrumentation
import Logging
import Synchronization
import Testing
import Tracing

@testable import Telemetry

@Suite("Spans")
struct TracerTests {
    private let registry = MetricRegistry()

    private func tracer(_ sampler: Sampler = Sampler(), limit: Int = 100) -> (OpenTelemetryTracer, SpanBuffer) {
        let buffer = SpanBuffer(limit: limit, batch: min(limit, 50), factory: PrometheusMetrics(registry))
        return (OpenTelemetryTracer(sampler: sampler, buffer: buffer), buffer)
    }

    @Test func aChildContinuesTheTraceOfItsParent() throws {
        let (tracer, buffer) = tracer()
        let parent = tracer.startSpan("parent", context: .topLevel, ofKind: .consumer)
        let child = tracer.startSpan("child", context: parent.context)
        child.addLink(SpanLink(context: parent.context, attributes: [:]))
        child.end()
        parent.end()
        parent.end()
        let records = buffer.take()
        #expect(records.map(\.name) == ["child", "parent"])
        #expect(records[0].context.traceID == records[1].context.traceID)
        #expect(records[0].parent == records[1].context.spanID)
        #expect(records[0].links.map(\.context.spanID) == [records[1].context.spanID])
        #expect(records[1].parent == nil)
        #expect(records.allSatisfy { $0.start <= $0.end })
    }

    @Test func anUnsampledSpanIsNotRecordedButKeepsItsTrace() {
        let (tracer, buffer) = tracer(Sampler(.never))
        let span = tracer.startSpan("quiet", context: .topLevel)
        #expect(!span.isRecording)
        #expect(span.context.spanContext?.isSampled == false)
        let child = tracer.startSpan("child", context: span.context)
        #expect(child.context.spanContext?.traceID == span.context.spanContext?.traceID)
        span.attributes["x"] = 1
        child.end()
        span.end()
        #expect(buffer.count == 0)
    }

    @Test func aFullBufferDropsAndCounts() {
        let (tracer, buffer) = tracer(limit: 3)
        for _ in 0..<5 { tracer.startSpan("s", context: .topLevel).end() }
        #expect(buffer.count == 3)
        #expect(registry.text().contains(#"consultease_telemetry_spans_total{outcome="dropped"} 2"#))
    }

    @Test func oneSpanHoldsNoMoreThanItMay() throws {
        let (tracer, buffer) = tracer()
        let span = tracer.startSpan("big", context: .topLevel)
        for number in 0..<200 {
            span.addEvent(SpanEvent(name: "\(number)"))
            span.addLink(SpanLink(context: span.context, attributes: [:]))
        }
        span.end()
        let record = try #require(buffer.take().first)
        #expect(record.events.count == SpanLimits.events && record.droppedEvents == 200 - SpanLimits.events)
        #expect(record.links.count == SpanLimits.links && record.droppedLinks == 200 - SpanLimits.links)
    }

    @Test func anErrorIsAnEventAndAStatus() throws {
        struct Planned: Error {}
        let (tracer, buffer) = tracer()
        #expect(throws: Planned.self) { try tracer.withSpan("fails", context: .topLevel) { _ in throw Planned() } }
        let record = try #require(buffer.take().first)
        #expect(record.status?.code == .error)
        #expect(record.events.map(\.name) == ["exception"])
    }

    @Test func aContextCrossesAsTraceParent() throws {
        let (tracer, _) = tracer()
        let span = tracer.startSpan("here", context: .topLevel)
        var carrier: [String: String] = [:]
        tracer.inject(span.context, into: &carrier, using: Keys())
        var there = ServiceContext.topLevel
        tracer.extract(carrier, into: &there, using: Keys())
        #expect(there.spanContext?.spanID == span.context.spanContext?.spanID)
        #expect(there.spanContext?.isRemote == true)
        var nowhere = ServiceContext.topLevel
        tracer.extract(["traceparent": "nonsense"], into: &nowhere, using: Keys())
        #expect(nowhere.spanContext == nil)
    }

    private struct Keys: Injector, Extractor {
        func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) { carrier[key] = value }
        func extract(key: String, from carrier: [String: String]) -> String? { carrier[key] }
    }

    @Test func aLogLineWithinASpanCarriesItsTrace() {
        let (tracer, _) = tracer()
        let lines = Mutex<[Logger.Metadata]>([])
        struct Handler: LogHandler {
            let note: @Sendable (Logger.Metadata) -> Void
            var metadata: Logger.Metadata = [:]
            var metadataProvider: Logger.MetadataProvider?
            var logLevel = Logger.Level.trace
            subscript(metadataKey key: String) -> Logger.Metadata.Value? {
                get { metadata[key] }
                set { metadata[key] = newValue }
            }
            func log(event: LogEvent) { note(metadataProvider?.get() ?? [:]) }
        }
        let logger = Logger(label: "t") { _ in
            Handler(note: { line in lines.withLock { $0.append(line) } }, metadataProvider: .trace)
        }
        logger.info("outside")
        tracer.withSpan("s", context: .topLevel) { span in
            logger.info("inside")
            let id = span.context.spanContext?.traceID
            #expect(lines.withLock { $0.last?["trace_id"] } == id.map { "\($0)" })
        }
        #expect(lines.withLock { $0.first } == [:])
    }
}
