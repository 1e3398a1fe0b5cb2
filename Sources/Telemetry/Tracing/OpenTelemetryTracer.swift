// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Instrumentation
package import Tracing

/// Implements swift-distributed-tracing: ended spans go to a buffer, and contexts travel as W3C Trace Context.
///
/// Install it with `InstrumentationSystem.bootstrap` before anything is traced.
package struct OpenTelemetryTracer: Tracer {
    private let sampler: Sampler
    private let buffer: SpanBuffer

    package init(sampler: Sampler = Sampler(), buffer: SpanBuffer) {
        self.sampler = sampler
        self.buffer = buffer
    }

    package func startSpan(
        _ operationName: String, context: @autoclosure () -> ServiceContext, ofKind kind: SpanKind,
        at instant: @autoclosure () -> some TracerInstant, function: String, file fileID: String, line: UInt
    ) -> RecordingSpan {
        var context = context()
        let parent = context.spanContext
        var generator = SystemRandomNumberGenerator()
        let traceID = parent?.traceID ?? TraceID(using: &generator)
        let own = SpanContext(
            traceID: traceID, spanID: SpanID(using: &generator),
            isSampled: sampler.samples(traceID, parent: parent), traceState: parent?.traceState)
        context.spanContext = own
        let record =
            own.isSampled
            ? SpanRecord(
                name: operationName, context: own, parent: parent?.spanID, kind: kind,
                start: instant().nanosecondsSinceEpoch)
            : nil
        let buffer = buffer
        return RecordingSpan(operationName, context: context, record: record) { buffer.add($0) }
    }

    // The protocol requires this for older callers.
    package func startAnySpan(
        _ operationName: String, context: @autoclosure () -> ServiceContext, ofKind kind: SpanKind,
        at instant: @autoclosure () -> some TracerInstant, function: String, file fileID: String, line: UInt
    ) -> any Tracing.Span {
        startSpan(
            operationName, context: context(), ofKind: kind, at: instant(), function: function, file: fileID,
            line: line)
    }

    /// Wakes the exporter, which sends the waiting spans.
    package func forceFlush() { buffer.wakeExporter() }

    package func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        guard let span = context.spanContext else { return }
        injector.inject(TraceParent.encode(span), forKey: TraceParent.key, into: &carrier)
        if let state = span.traceState { injector.inject(state, forKey: TraceParent.stateKey, into: &carrier) }
    }

    package func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        guard let text = extractor.extract(key: TraceParent.key, from: carrier),
            let span = TraceParent.decode(text, state: extractor.extract(key: TraceParent.stateKey, from: carrier))
        else { return }
        context.spanContext = span
    }
}
