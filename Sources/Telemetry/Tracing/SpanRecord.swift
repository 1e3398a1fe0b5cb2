// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Tracing

/// One ended span, as it is exported. Bounded by `SpanLimits`: what did not fit is counted.
package struct SpanRecord: Sendable {
    package var name: String
    package let context: SpanContext
    package let parent: SpanID?
    package let kind: SpanKind
    /// Nanoseconds of UTC.
    package let start: UInt64
    package var end: UInt64 = 0
    package var attributes: SpanAttributes = [:]
    package var events: [SpanEvent] = []
    package var links: [Link] = []
    package var status: SpanStatus?
    package var droppedEvents = 0
    package var droppedLinks = 0

    package struct Link: Sendable {
        package let context: SpanContext
        package let attributes: SpanAttributes
    }

    package init(name: String, context: SpanContext, parent: SpanID?, kind: SpanKind, start: UInt64) {
        self.name = name
        self.context = context
        self.parent = parent
        self.kind = kind
        self.start = start
    }
}

/// How much one span may hold (OpenTelemetry SDK, "Span limits").
package enum SpanLimits {
    static let attributes = 64
    static let events = 32
    static let links = 128
    /// Unicode scalars of a text value: a character has no bound.
    static let text = 1024
}
