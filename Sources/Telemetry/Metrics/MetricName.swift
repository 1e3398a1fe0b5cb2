// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Translates dotted names to Prometheus' names by OpenTelemetry's rules (Prometheus and OpenMetrics Compatibility):
/// dots become underscores, the unit is a suffix, a counter ends in `_total`.
package enum MetricName {
    package static func prometheus(_ label: String, _ kind: MetricKind, _ unit: MetricUnit) -> String {
        var name = sanitized(label, allowsColon: true)
        if unit != .none, !name.hasSuffix("_" + unit.rawValue) { name += "_" + unit.rawValue }
        if kind == .counter, !name.hasSuffix("_total") { name += "_total" }
        return name
    }

    /// Returns a label's name: letters, digits and underscores, and no digit first.
    package static func label(_ dimension: String) -> String {
        sanitized(dimension, allowsColon: false)
    }

    private static func sanitized(_ text: String, allowsColon: Bool) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "a"..."z", "A"..."Z", "_": result.unicodeScalars.append(scalar)
            case "0"..."9":
                if result.isEmpty { result = "_" }
                result.unicodeScalars.append(scalar)
            case ":" where allowsColon: result.unicodeScalars.append(scalar)
            default: result.append("_")
            }
        }
        return result.isEmpty ? "_" : result
    }
}
