// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Foundation

/// What a fleet did, and the results.
package struct LoadReport: Sendable {
    package var seed: UInt64
    package var plant: Plant?
    package var units = 0
    package var dialect2Units = 0
    package var unitsOff = 0
    package var messages = 0
    package var duplicates = 0
    package var reorderings = 0
    package var replays = 0
    package var hostile = 0
    package var reboots = 0
    package var cuts = 0
    package var answers = 0
    /// The number of messages of the drive, and how long the drive took; without the last reports and what belongs to
    /// them.
    package var driven = 0
    package var sending: Duration = .zero
    /// The time from the last report until every place agreed, or until the time-out.
    package var settling: Duration = .zero
    /// The time from an event's first sending to its `ack` (dialect 2).
    package var acknowledged: LatencySample
    /// The time from a beacon's change to the first screen that shows it.
    package var shown: LatencySample
    package var checks: [Check] = []

    /// The comparison with one place.
    package struct Check: Sendable {
        package var place: String
        package var differences: [Difference]

        package init(place: String, differences: [Difference]) {
            self.place = place
            self.differences = differences
        }
    }

    package init(seed: UInt64, plant: Plant? = nil) {
        self.seed = seed
        self.plant = plant
        acknowledged = LatencySample(seed: seed)
        shown = LatencySample(seed: seed)
    }

    /// Whether something was compared, and every place agrees with the oracle.
    package var isEqual: Bool { !checks.isEmpty && checks.allSatisfy(\.differences.isEmpty) }

    /// The messages per second during the drive.
    package var rate: Double { sending > .zero ? Double(driven) / sending.inSeconds : 0 }
}

extension LoadReport {
    /// The report for people.
    package var text: String {
        var lines = [
            "\(messages) messages of \(units) units (\(units - dialect2Units) of dialect 1, \(dialect2Units) of dialect 2), "
                + "\(driven) of them in a drive of \(seconds(sending)), \(Int(rate)) a second. Seed \(seed).",
            "Faults: \(duplicates) duplicates, \(reorderings) reorderings, \(replays) late replays, \(reboots) restarts, "
                + "\(cuts) cuts, \(hostile) hostile messages; \(unitsOff) units switched off at the end.",
            "\(answers) answers pressed.",
        ]
        if let line = latency("Event to the database's word", acknowledged) { lines.append(line) }
        if let line = latency("Beacon to screen", shown) { lines.append(line) }
        for check in checks {
            let count = check.differences.count
            lines.append("\(check.place): " + (count == 0 ? "equal" : "\(count) differences"))
            for difference in check.differences.prefix(5) { lines.append("  \(difference)") }
            if count > 5 { lines.append("  and \(count - 5) more") }
        }
        let planted = plant.map { " (planted: \($0.rawValue))" } ?? ""
        lines.append(
            isEqual
                ? "The end state is equal everywhere, \(seconds(settling)) after the last word.\(planted)"
                : "The end state is NOT what it must be, \(seconds(settling)) after the last word.\(planted)")
        return lines.joined(separator: "\n")
    }

    private func seconds(_ duration: Duration) -> String {
        duration.formatted(.units(allowed: [.seconds], fractionalPart: .show(length: 2)))
    }

    private func latency(_ name: String, _ sample: LatencySample) -> String? {
        guard let middle = sample.percentile(0.5), let high = sample.percentile(0.95), let top = sample.percentile(0.99)
        else { return nil }
        func text(_ latency: Duration) -> String { String(format: "%.1f ms", latency.inSeconds * 1_000) }
        return "\(name): p50 \(text(middle)), p95 \(text(high)), p99 \(text(top)) (\(sample.count) times)."
    }

    /// The report for programs: one JSON object.
    package var json: String {
        func figures(_ sample: LatencySample) -> JSONReport.Latency? {
            guard let p50 = sample.percentile(0.5), let p95 = sample.percentile(0.95), let p99 = sample.percentile(0.99)
            else { return nil }
            return JSONReport.Latency(
                p50Milliseconds: p50.inSeconds * 1_000, p95Milliseconds: p95.inSeconds * 1_000,
                p99Milliseconds: p99.inSeconds * 1_000,
                count: sample.count)
        }
        let report = JSONReport(
            equal: isEqual, seed: seed, plant: plant?.rawValue, units: units, dialect2Units: dialect2Units,
            unitsOff: unitsOff, messages: messages, duplicates: duplicates, reorderings: reorderings, replays: replays,
            hostile: hostile, reboots: reboots, cuts: cuts, answers: answers, sendingSeconds: sending.inSeconds,
            settlingSeconds: settling.inSeconds, rate: rate, acknowledged: figures(acknowledged), shown: figures(shown),
            checks: checks.map { check in
                JSONReport.Check(
                    place: check.place, differences: check.differences.count,
                    first: check.differences.prefix(10).map(\.description))
            })
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return (try? encoder.encode(report)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }
}

/// The report as JSON, with keys in snake case.
private struct JSONReport: Encodable {
    var equal: Bool
    var seed: UInt64
    var plant: String?
    var units: Int
    var dialect2Units: Int
    var unitsOff: Int
    var messages: Int
    var duplicates: Int
    var reorderings: Int
    var replays: Int
    var hostile: Int
    var reboots: Int
    var cuts: Int
    var answers: Int
    var sendingSeconds: Double
    var settlingSeconds: Double
    var rate: Double
    var acknowledged: Latency?
    var shown: Latency?
    var checks: [Check]

    struct Latency: Encodable {
        var p50Milliseconds: Double
        var p95Milliseconds: Double
        var p99Milliseconds: Double
        var count: Int
    }

    struct Check: Encodable {
        var place: String
        var differences: Int
        var first: [String]
    }
}
