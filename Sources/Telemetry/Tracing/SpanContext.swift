// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Instrumentation
package import Logging

/// What of a span crosses to others: enough to continue its trace.
package struct SpanContext: Hashable, Sendable {
    package let traceID: TraceID
    package let spanID: SpanID
    package let isSampled: Bool
    /// Came from outside this process.
    package let isRemote: Bool
    /// Other vendors' state, passed on as it came.
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

    /// The span that work in this context belongs to; nil outside of every trace.
    package var spanContext: SpanContext? {
        get { self[SpanContextKey.self] }
        set { self[SpanContextKey.self] = newValue }
    }
}

extension Logger.MetadataProvider {
    /// Puts `trace_id` and `span_id` of the span under way on every log line: one id finds the path of an update.
    /// Nothing if there is no trace.
    package static let trace = Logger.MetadataProvider {
        guard let span = ServiceContext.current?.spanContext else { return [:] }
        return ["trace_id": "\(span.traceID)", "span_id": "\(span.spanID)"]
    }
}
