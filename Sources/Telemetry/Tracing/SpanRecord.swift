// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Tracing

/// One ended span in the form that is exported. `SpanLimits` bounds it; what did not fit is counted.
package struct SpanRecord: Sendable {
    package var name: String
    package let context: SpanContext
    package let parent: SpanID?
    package let kind: SpanKind
    /// The start and the end, in nanoseconds of UTC.
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

/// Bounds one span (OpenTelemetry SDK, "Span limits").
package enum SpanLimits {
    static let attributes = 64
    static let events = 32
    static let links = 128
    /// Bounds a text value in Unicode scalars, because a character may have any length.
    static let text = 1024
}
