// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// A moment in UTC, in whole milliseconds since 1970-01-01T00:00:00Z.
///
/// The server's timestamps come from a clock that never goes back; see `Store`'s `TimeSource`.
package struct Timestamp: Hashable, Comparable, Sendable {
    package let milliseconds: Int64

    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    package static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }

    package static func + (moment: Timestamp, span: Span) -> Timestamp {
        Timestamp(milliseconds: moment.milliseconds.saturatingAdd(span.milliseconds))
    }

    package static func - (moment: Timestamp, span: Span) -> Timestamp {
        Timestamp(milliseconds: moment.milliseconds.saturatingSubtract(span.milliseconds))
    }

    package static func - (later: Timestamp, earlier: Timestamp) -> Span {
        Span(milliseconds: later.milliseconds.saturatingSubtract(earlier.milliseconds))
    }

    /// The same moment with its seconds cut off, which the server publishes as `last_seen`.
    package var flooredToMinute: Timestamp {
        let remainder = milliseconds % 60_000
        let overhang = remainder < 0 ? remainder + 60_000 : remainder
        return Timestamp(milliseconds: milliseconds.saturatingSubtract(overhang))
    }
}

/// A length of time in whole milliseconds; a difference may be negative.
package struct Span: Hashable, Comparable, Sendable {
    package let milliseconds: Int64

    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    package static let zero = Span(milliseconds: 0)
    package static func seconds(_ seconds: Int64) -> Span { Span(milliseconds: seconds * 1000) }
    package static func minutes(_ minutes: Int64) -> Span { .seconds(minutes * 60) }

    package static func < (left: Span, right: Span) -> Bool { left.milliseconds < right.milliseconds }
    package static func * (span: Span, factor: Int64) -> Span {
        let (product, overflows) = span.milliseconds.multipliedReportingOverflow(by: factor)
        return Span(milliseconds: overflows ? (span.milliseconds < 0) != (factor < 0) ? .min : .max : product)
    }
    package static func + (left: Span, right: Span) -> Span {
        Span(milliseconds: left.milliseconds.saturatingAdd(right.milliseconds))
    }
    package static func - (left: Span, right: Span) -> Span {
        Span(milliseconds: left.milliseconds.saturatingSubtract(right.milliseconds))
    }

    package var magnitude: Span { Span(milliseconds: milliseconds == .min ? .max : abs(milliseconds)) }
}
