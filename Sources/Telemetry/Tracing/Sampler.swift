// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Which traces are recorded (OpenTelemetry tracing SDK, "Built-in samplers"). Pure: the same trace, the same answer,
/// everywhere.
package struct Sampler: Sendable, Hashable {
    package enum Root: Sendable, Hashable {
        case always
        case never
        /// From 0 to 1: by the trace's id, so that every service decides alike.
        case ratio(Double)
    }

    package let root: Root
    /// A span with a parent does as its parent does.
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
