// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// Writes Prometheus' text exposition format, version 0.0.4. Pure: the same families give the same bytes.
package enum Exposition {
    /// The content type of the text.
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    /// One metric with all its series.
    package struct Family: Sendable, Hashable {
        package var name: String
        package var help: String
        package var kind: MetricKind
        package var series: [Series]
    }

    package struct Series: Sendable, Hashable {
        /// The labels: names in Prometheus' form, values unchanged.
        package var labels: [Label]
        package var value: Value
    }

    package struct Label: Sendable, Hashable {
        package var name: String
        package var value: String
    }

    package enum Value: Sendable, Hashable {
        case number(Double)
        /// `counts[i]` is the number of values in the i-th bucket alone; the last one counts the values above all
        /// bounds.
        case histogram(counts: [UInt64], sum: Double)
    }

    package static func text(_ families: [Family]) -> String {
        var text = ""
        for family in families.sorted(by: { $0.name < $1.name }) where !family.series.isEmpty {
            text += "# HELP \(family.name) \(escapedHelp(family.help))\n"
            text += "# TYPE \(family.name) \(family.kind.word)\n"
            for series in family.series.sorted(by: { key($0) < key($1) }) {
                write(series, of: family, into: &text)
            }
        }
        return text
    }

    private static func write(_ series: Series, of family: Family, into text: inout String) {
        switch series.value {
        case .number(let value):
            text += "\(family.name)\(list(series.labels)) \(number(value))\n"
        case .histogram(let counts, let sum):
            let bounds: [Double] = if case .histogram(let buckets) = family.kind { buckets } else { [] }
            var total: UInt64 = 0
            for (bound, count) in zip(bounds, counts) {
                total += count
                let labels = series.labels + [Label(name: "le", value: number(bound))]
                text += "\(family.name)_bucket\(list(labels)) \(total)\n"
            }
            total += counts.dropFirst(bounds.count).reduce(0, +)
            text += "\(family.name)_bucket\(list(series.labels + [Label(name: "le", value: "+Inf")])) \(total)\n"
            text += "\(family.name)_sum\(list(series.labels)) \(number(sum))\n"
            text += "\(family.name)_count\(list(series.labels)) \(total)\n"
        }
    }

    private static func key(_ series: Series) -> String { list(series.labels) }

    private static func list(_ labels: [Label]) -> String {
        guard !labels.isEmpty else { return "" }
        return "{" + labels.map { "\($0.name)=\"\(escapedValue($0.value))\"" }.joined(separator: ",") + "}"
    }

    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        // A whole number has no fraction, as long as a double can tell it from its neighbours.
        if let whole = Int64(exactly: value), abs(value) < 1e15 { return String(whole) }
        return "\(value)"
    }

    private static func escapedValue(_ text: String) -> String { escaped(text, quotes: true) }

    private static func escapedHelp(_ text: String) -> String { escaped(text, quotes: false) }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        guard text.utf8.contains(where: { $0 == 0x5C || $0 == 0x0A || $0 == 0x22 }) else { return text }
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}
