// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Testing

@testable import Telemetry

@Suite("Prometheus' text format")
struct ExpositionTests {
    @Test func aFamilyHasHelpTypeAndItsSeriesInOrder() {
        let text = Exposition.text([
            .init(
                name: "b_total", help: "Says \"it\" \\ and\nmore.", kind: .counter,
                series: [
                    .init(labels: [.init(name: "way", value: "z")], value: .number(2)),
                    .init(labels: [.init(name: "way", value: "a\"b\\c\nd")], value: .number(1.5)),
                ]),
            .init(name: "a", help: "First.", kind: .gauge, series: [.init(labels: [], value: .number(-3))]),
            .init(name: "none", help: "Nothing yet.", kind: .gauge, series: []),
        ])
        #expect(
            text == """
                # HELP a First.
                # TYPE a gauge
                a -3
                # HELP b_total Says "it" \\\\ and\\nmore.
                # TYPE b_total counter
                b_total{way="a\\"b\\\\c\\nd"} 1.5
                b_total{way="z"} 2

                """)
    }

    @Test func bucketsAreCumulativeAndEndInInfinity() {
        let series = HistogramSeries(bounds: [0.1, 1])
        for value in [0.05, 0.1, 0.5, 1, 7, .nan] { series.record(value) }
        let text = Exposition.text([
            .init(
                name: "h_seconds", help: "H.", kind: .histogram(buckets: [0.1, 1]),
                series: [.init(labels: [.init(name: "x", value: "y")], value: series.value)])
        ])
        #expect(
            text.split(separator: "\n").dropFirst(2) == [
                #"h_seconds_bucket{x="y",le="0.1"} 2"#,
                #"h_seconds_bucket{x="y",le="1"} 4"#,
                #"h_seconds_bucket{x="y",le="+Inf"} 5"#,
                #"h_seconds_sum{x="y"} 8.65"#,
                #"h_seconds_count{x="y"} 5"#,
            ])
    }

    @Test(arguments: [
        (0.0, "0"), (1e20, "1e+20"), (0.1, "0.1"), (-.infinity, "-Inf"), (.infinity, "+Inf"), (.nan, "NaN"),
        (2.5e-7, "2.5e-07"), (42, "42"),
    ])
    func numbersAreWrittenAsGoReadsThem(_ value: Double, _ text: String) {
        #expect(Exposition.number(value) == text)
    }

    @Test(arguments: [
        (
            "consultease.update.committed", MetricKind.histogram(buckets: []), MetricUnit.seconds,
            "consultease_update_committed_seconds"
        ),
        ("a.requests", .counter, .none, "a_requests_total"),
        ("a.cpu.seconds", .counter, .seconds, "a_cpu_seconds_total"),
        ("9lives-é", .gauge, .none, "_9lives__"),
        ("", .gauge, .none, "_"),
    ])
    func namesFollowTheConventions(_ label: String, _ kind: MetricKind, _ unit: MetricUnit, _ name: String) {
        #expect(MetricName.prometheus(label, kind, unit) == name)
    }
}
