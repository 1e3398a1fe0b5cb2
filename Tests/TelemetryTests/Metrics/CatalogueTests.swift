// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import CoreMetrics
import Foundation
import Metrics
import Testing

@testable import Telemetry

@Suite("The catalogue of metrics")
struct CatalogueTests {
    /// Returns what the sources emit, by file: the label of each swift-metrics type that they make.
    private func emitted() throws -> [(path: String, label: String)] {
        let making =
            /\b(?:Counter|FloatingPointCounter|Gauge|Meter|Recorder|Timer)\(\s*label:\s*(?:"([^"]*)"|([a-z]\w*))/
        let constant = /let (\w+) = "((?:consultease|http)\.[a-z_.]+)"/
        return try Repository.sources().flatMap { path, text -> [(String, String)] in
            let constants = Dictionary(
                text.matches(of: constant).map { (String($0.1), String($0.2)) }, uniquingKeysWith: { first, _ in first }
            )
            return try text.matches(of: making).compactMap { match in
                if let label = match.1 { return (path, String(label)) }
                guard let name = match.2.map(String.init) else { return nil }
                // The back end receives labels as arguments.
                if path.hasPrefix("Telemetry/"), ["label", "observation"].contains(name), constants[name] == nil {
                    return nil
                }
                return (path, try #require(constants[name], "\(path): the label \(name) is no constant of its file"))
            }
        }
    }

    @Test func knowsEveryLabelThatTheSourcesEmit() throws {
        let emitted = try emitted()
        #expect(emitted.count > 15, "this test reads the sources wrongly")
        for (path, label) in emitted {
            #expect(MetricCatalogue.byLabel[label] != nil, "\(path) emits \(label), which the catalogue doesn't know")
        }
    }

    @Test func namesEachMetricOnceAndWithAWholeSentence() {
        #expect(Set(MetricCatalogue.all.map(\.label)).count == MetricCatalogue.all.count)
        #expect(Set(MetricCatalogue.all.map(\.name)).count == MetricCatalogue.all.count)
        for metric in MetricCatalogue.all {
            #expect(metric.help.hasSuffix("."), "\(metric.label)")
            if case .histogram(let buckets) = metric.kind { #expect(buckets == buckets.sorted() && !buckets.isEmpty) }
        }
    }

    @Test func isWrittenDownForPeople() throws {
        let page = try Repository.text("docs/metrics.md")
        for metric in MetricCatalogue.all {
            #expect(page.contains("`\(metric.name)`"), "docs/metrics.md lacks \(metric.name)")
        }
    }

    @Test(.enabled(if: Promtool.isHere))
    func isAcceptedByPromtoolWhenEverythingIsEmitted() throws {
        let registry = MetricRegistry()
        let factory = PrometheusMetrics(registry)
        for metric in MetricCatalogue.all {
            let dimensions = metric.dimensions.map { ($0, "some \"value\"\nwith \\ all") }
            switch metric.kind {
            case .counter: Counter(label: metric.label, dimensions: dimensions, factory: factory).increment()
            case .gauge: Gauge(label: metric.label, dimensions: dimensions, factory: factory).record(1.5)
            case .histogram:
                Metrics.Timer(label: metric.label, dimensions: dimensions, factory: factory).recordMilliseconds(3)
            }
        }
        let (status, output) = try Promtool.run(["check", "metrics"], input: registry.text())
        #expect(status == 0, "\(output)\n\(registry.text())")
        #expect(output.isEmpty)
    }

    /// Returns every metric that a file names, by its Prometheus name.
    private func named(in path: String) throws -> Set<String> {
        let text = try Repository.text(path)
        return Set(text.matches(of: /\b(?:consultease|http_server|process)_[a-z_]+\b/).map { String($0.0) })
    }

    @Test(arguments: ["deploy/grafana/consultease.json", "deploy/prometheus/consultease.rules.yml"])
    func hasEveryMetricThatDashboardAndRulesAskFor(_ path: String) throws {
        let known = Set(
            MetricCatalogue.all.flatMap { metric in
                if case .histogram = metric.kind {
                    return ["_bucket", "_sum", "_count"].map { metric.name + $0 }
                }
                return [metric.name]
            })
        let named = try named(in: path)
        #expect(named.count >= 8, "this test reads \(path) wrongly")
        for name in named.subtracting(known) { Issue.record("\(path) names \(name), which nothing emits") }
    }

    @Test(.enabled(if: Promtool.isHere))
    func hasRulesThatPromtoolAccepts() throws {
        let path = Repository.root.appending(path: "deploy/prometheus/consultease.rules.yml").path
        let (status, output) = try Promtool.run(["check", "rules", path])
        #expect(status == 0, "\(output)")
    }

    @Test(.enabled(if: Promtool.isHere))
    func hasAlertsThatFireWhenTheyMust() throws {
        let path = Repository.root.appending(path: "deploy/prometheus/consultease.rules.test.yml").path
        let (status, output) = try Promtool.run(["test", "rules", path])
        #expect(status == 0, "\(output)")
    }

    /// The dashboard's queries are written as rules, which promtool can parse.
    @Test(.enabled(if: Promtool.isHere))
    func hasADashboardWhoseQuestionsPrometheusUnderstands() throws {
        let data = Data(try Repository.text("deploy/grafana/consultease.json").utf8)
        let board = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let targets = (board["panels"] as? [[String: Any]] ?? []).flatMap { $0["targets"] as? [[String: Any]] ?? [] }
        let questions = targets.compactMap { $0["expr"] as? String }.map {
            $0.replacing("$__rate_interval", with: "5m").replacing("$instance", with: ".*")
        }
        #expect(questions.count > 20)
        let rules = questions.enumerated().map { number, question in
            ["record": "question:\(number)", "expr": question]
        }
        let groups = ["groups": [["name": "dashboard", "rules": rules] as [String: Any]]]
        let file = FileManager.default.temporaryDirectory.appending(path: "ce-\(UUID().uuidString).yml")
        defer { try? FileManager.default.removeItem(at: file) }
        // JSON is also valid YAML.
        try JSONSerialization.data(withJSONObject: groups, options: .withoutEscapingSlashes).write(to: file)
        let (status, output) = try Promtool.run(["check", "rules", file.path])
        #expect(status == 0, "\(output)")
    }

    @Test func hasADashboardThatGrafanaReads() throws {
        let data = Data(try Repository.text("deploy/grafana/consultease.json").utf8)
        let board = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let panels = try #require(board["panels"] as? [[String: Any]])
        #expect(panels.count >= 10)
        let ids = panels.compactMap { $0["id"] as? Int }
        #expect(Set(ids).count == panels.count)
        for panel in panels { #expect(panel["gridPos"] != nil && panel["title"] != nil && panel["type"] != nil) }
    }
}
