// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

package import Instrumentation
import Synchronization
package import Tracing

/// A span that has not ended. It records nothing if its trace isn't sampled, or after it has ended. Any thread may use
/// it.
package final class RecordingSpan: Span {
    package let context: ServiceContext
    private let state: Mutex<State>
    private let onEnd: @Sendable (SpanRecord) -> Void

    private struct State {
        /// Nil if nothing is recorded, or after the span has ended.
        var record: SpanRecord?
        var name: String
    }

    /// `onEnd` is called once, when a recorded span ends; it must not block.
    init(
        _ name: String, context: ServiceContext, record: SpanRecord?, onEnd: @escaping @Sendable (SpanRecord) -> Void
    ) {
        self.context = context
        self.onEnd = onEnd
        state = Mutex(State(record: record, name: name))
    }

    package var isRecording: Bool { state.withLock { $0.record != nil } }

    package var operationName: String {
        get { state.withLock(\.name) }
        set {
            state.withLock { state in
                guard state.record != nil else { return }
                state.name = newValue
                state.record?.name = newValue
            }
        }
    }

    package var attributes: SpanAttributes {
        get { state.withLock { $0.record?.attributes ?? [:] } }
        set { state.withLock { $0.record?.attributes = newValue } }
    }

    package func setStatus(_ status: SpanStatus) {
        state.withLock { $0.record?.status = status }
    }

    package func addEvent(_ event: SpanEvent) {
        state.withLock { state in
            guard state.record?.events.count ?? 0 < SpanLimits.events else {
                state.record?.droppedEvents += 1
                return
            }
            state.record?.events.append(event)
        }
    }

    package func addLink(_ link: SpanLink) {
        guard let context = link.context.spanContext else { return }
        state.withLock { state in
            guard state.record?.links.count ?? 0 < SpanLimits.links else {
                state.record?.droppedLinks += 1
                return
            }
            state.record?.links.append(.init(context: context, attributes: link.attributes))
        }
    }

    /// Records the error as an event named `exception` (OpenTelemetry semantic conventions, "Exceptions on spans").
    package func recordError(
        _ error: any Error, attributes: SpanAttributes, at instant: @autoclosure () -> some TracerInstant
    ) {
        guard isRecording else { return }
        var all: SpanAttributes = [
            "exception.type": "\(String(reflecting: type(of: error)))", "exception.message": "\(error)",
        ]
        all.merge(attributes)
        addEvent(SpanEvent(name: "exception", at: instant(), attributes: all))
    }

    package func end(at instant: @autoclosure () -> some TracerInstant) {
        guard var record = state.withLock({ $0.record.take() }) else { return }
        record.end = max(record.start, instant().nanosecondsSinceEpoch)
        onEnd(record)
    }
}
