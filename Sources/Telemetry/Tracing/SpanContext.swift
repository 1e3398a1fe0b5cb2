// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Instrumentation
package import Logging

/// The part of a span that travels to other processes: enough to continue its trace.
package struct SpanContext: Hashable, Sendable {
    package let traceID: TraceID
    package let spanID: SpanID
    package let isSampled: Bool
    /// Whether the context came from outside this process.
    package let isRemote: Bool
    /// The state of other tracing vendors, passed on unchanged.
    package let traceState: String?

    package init(
        traceID: TraceID, spanID: SpanID, isSampled: Bool, isRemote: Bool = false, traceState: String? = nil
    ) {
        self.traceID = traceID
        self.spanID = spanID
        self.isSampled = isSampled
        self.isRemote = isRemote
        self.traceState = traceState
    }
}

extension ServiceContext {
    private enum SpanContextKey: ServiceContextKey {
        typealias Value = SpanContext
        static var nameOverride: String? { "span-context" }
    }

    /// The span that work in this context belongs to; nil outside every trace.
    package var spanContext: SpanContext? {
        get { self[SpanContextKey.self] }
        set { self[SpanContextKey.self] = newValue }
    }
}

extension Logger.MetadataProvider {
    /// Adds `trace_id` and `span_id` of the current span to every log line, so that one id finds the path of an update.
    /// Adds nothing if there is no trace.
    package static let trace = Logger.MetadataProvider {
        guard let span = ServiceContext.current?.spanContext else { return [:] }
        return ["trace_id": "\(span.traceID)", "span_id": "\(span.spanID)"]
    }
}
