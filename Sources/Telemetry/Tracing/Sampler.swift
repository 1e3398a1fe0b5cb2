// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Decides which traces are recorded (OpenTelemetry tracing SDK, "Built-in samplers"). Pure: every process decides the
/// same for a trace.
package struct Sampler: Sendable, Hashable {
    package enum Root: Sendable, Hashable {
        case always
        case never
        /// A share from 0 to 1, decided by the trace's id, so that every service decides alike.
        case ratio(Double)
    }

    package let root: Root
    /// Whether a span with a parent is recorded if its parent is.
    package let followsParent: Bool

    package init(_ root: Root = .always, followsParent: Bool = true) {
        self.root = root
        self.followsParent = followsParent
    }

    package func samples(_ trace: TraceID, parent: SpanContext?) -> Bool {
        if followsParent, let parent { return parent.isSampled }
        switch root {
        case .always: return true
        case .never: return false
        case .ratio(let ratio):
            guard ratio < 1 else { return true }
            guard ratio > 0 else { return false }
            return trace.low >> 1 < UInt64(ratio * 0x1p63)
        }
    }
}
