// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import CoreMetrics
import Metrics
import Testing

@testable import Telemetry

@Suite("Metrics of the process")
struct RegistryTests {
    private let registry = MetricRegistry(seriesLimit: 3)
    private var factory: PrometheusMetrics { PrometheusMetrics(registry) }

    private func line(_ prefix: String) -> String? {
        registry.text().split(separator: "\n").first { $0.hasPrefix(prefix) }.map(String.init)
    }

    @Test func twoThatAreNamedAlikeCountTogetherWhateverTheOrderOfDimensions() {
        let label = "consultease.ingest.messages"
        Counter(label: label, dimensions: [("outcome", "refused"), ("reason", "retained")], factory: factory)
            .increment()
        Counter(label: label, dimensions: [("reason", "retained"), ("outcome", "refused")], factory: factory)
            .increment(by: 2)
        #expect(
            line("consultease_ingest_messages_total{")
                == #"consultease_ingest_messages_total{outcome="refused",reason="retained"} 3"#)
    }

    @Test func everyKindOfHandlerIsWritten() {
        FloatingPointCounter(label: "f", factory: factory).increment(by: 0.25)
        FloatingPointCounter(label: "f", factory: factory).increment(by: -1)
        Gauge(label: "consultease.streams.open", factory: factory).record(7)
        let meter = Meter(label: "m", factory: factory)
        meter.set(5)
        meter.increment(by: 1.5)
        meter.decrement()
        Recorder(label: "consultease.ingest.batch.messages", factory: factory).record(3)
        Metrics.Timer(label: "consultease.update.shown", factory: factory).recordMilliseconds(30)
        #expect(line("f_total") == "f_total 0.25")
        #expect(line("consultease_streams_open") == "consultease_streams_open 7")
        #expect(line("m ") == "m 5.5")
        #expect(line(#"consultease_ingest_batch_messages_bucket{le="4"}"#)?.hasSuffix(" 1") == true)
        #expect(line(#"consultease_update_shown_seconds_bucket{le="0.025"}"#)?.hasSuffix(" 0") == true)
        #expect(line(#"consultease_update_shown_seconds_bucket{le="0.05"}"#)?.hasSuffix(" 1") == true)
        #expect(line("consultease_update_shown_seconds_sum") == "consultease_update_shown_seconds_sum 0.03")
    }

    @Test func beyondTheLimitSeriesShareOneAndThatIsCounted() {
        for number in 0..<10 {
            Counter(label: "wild", dimensions: [("who", "\(number)")], factory: factory).increment()
        }
        #expect(line(#"wild_total{otel_metric_overflow="true"}"#)?.hasSuffix(" 7") == true)
        #expect(registry.text().split(separator: "\n").filter { $0.hasPrefix("wild_total{") }.count == 4)
        #expect(
            line("consultease_telemetry_series_overflow_total") == "consultease_telemetry_series_overflow_total 7")
    }

    @Test func aNameThatIsTakenByAnotherKindDoesNotSpoilTheText() {
        Counter(label: "x_total", factory: factory).increment()
        Gauge(label: "x_total", factory: factory).record(9)
        #expect(registry.text().ranges(of: "# TYPE x_total").count == 1)
        #expect(line("x_total ") == "x_total 1")
    }

    @Test func aDestroyedSeriesIsForgotten() {
        let counter = Counter(label: "gone", factory: factory)
        counter.increment()
        #expect(line("gone_total") != nil)
        counter.destroy()
        #expect(line("gone_total") == nil)
    }

    @Test func incrementsOfManyTasksAreAllThere() async {
        let counter = Counter(label: "many", factory: factory)
        let fractions = FloatingPointCounter(label: "fractions", factory: factory)
        let timer = Metrics.Timer(label: "times", factory: factory)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<1_000 {
                        counter.increment()
                        fractions.increment(by: 0.5)
                        timer.recordMilliseconds(1)
                    }
                }
            }
        }
        #expect(line("many_total") == "many_total 8000")
        #expect(line("fractions_total") == "fractions_total 4000")
        #expect(line("times_seconds_count") == "times_seconds_count 8000")
    }

    @Test func readingsAreAskedAtEachScrape() {
        let counter = CounterSeries()
        registry.observe("consultease.lineage") {
            counter.increment(by: Int64(1))
            return [([("lineage", "past\(Int(counter.value))")], 1)]
        }
        #expect(line("consultease_lineage_info") == #"consultease_lineage_info{lineage="past1"} 1"#)
        #expect(line("consultease_lineage_info") == #"consultease_lineage_info{lineage="past2"} 1"#)
    }

    @Test func theProcessTellsOfItself() throws {
        ProcessMetrics.observe(in: registry)
        let text = registry.text()
        for name in [
            "process_cpu_seconds_total", "process_resident_memory_bytes", "process_open_fds", "process_max_fds",
            "process_start_time_seconds", "process_threads", "process_virtual_memory_bytes",
        ] {
            let value = try #require(line(name + " ")?.split(separator: " ").last.flatMap { Double($0) })
            #expect(value > 0 || name.contains("cpu"), "\(name) in \(text)")
        }
    }

    @Test func aCommandsNameMayHoldAnything() throws {
        let stat =
            "7 (a) b) S 1 7 7 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 4 0 1000 2097152 512 18446744073709551615 1 1"
        let sample = try #require(ProcessMetrics.Sample(stat: stat, boot: 1_000, ticks: 100, page: 4_096))
        #expect(sample.cpuSeconds == 3)
        #expect(sample.threads == 4)
        #expect(sample.startSeconds == 1_010)
        #expect(sample.virtualBytes == 2_097_152)
        #expect(sample.residentBytes == 512 * 4_096)
        #expect(ProcessMetrics.Sample(stat: "nonsense", boot: nil, ticks: 100) == nil)
    }
}
