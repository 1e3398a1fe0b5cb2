// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Reads and writes the `traceparent` and `tracestate` fields (W3C Trace Context, level 1). Pure.
package enum TraceParent {
    package static let key = "traceparent"
    package static let stateKey = "tracestate"
    /// Longer state is dropped, because any client can send it (3.3.1.5 demands at least 512).
    static let longestState = 512

    /// Returns nil if the text is no valid `traceparent`; a new trace then begins (3.2.4).
    package static func decode(_ text: String, state: String? = nil) -> SpanContext? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 55, bytes[2] == dash, bytes[35] == dash, bytes[52] == dash,
            let version = Hexadecimal.value(bytes[0..<2]), version != 0xFF,
            let high = Hexadecimal.value(bytes[3..<19]), let low = Hexadecimal.value(bytes[19..<35]),
            let traceID = TraceID(high: high, low: low),
            let span = Hexadecimal.value(bytes[36..<52]), let spanID = SpanID(span),
            let flags = Hexadecimal.value(bytes[53..<55])
        else { return nil }
        // A later version may have more fields after another dash (3.2.1); this version has none.
        guard bytes.count == 55 || (version > 0 && bytes[55] == dash) else { return nil }
        return SpanContext(
            traceID: traceID, spanID: spanID, isSampled: flags & 1 == 1, isRemote: true,
            traceState: state.flatMap { $0.isEmpty || $0.utf8.count > longestState ? nil : $0 })
    }

    package static func encode(_ context: SpanContext) -> String {
        "00-\(context.traceID)-\(context.spanID)-\(context.isSampled ? "01" : "00")"
    }

    private static let dash = UInt8(ascii: "-")
}
