// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser

/// The server's name, metrics and telemetry.
struct ObserverOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "This server's name among several on one database: told by responses, pages and metrics.",
            valueName: "name"))
    var instance: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Where Prometheus reads /metrics, as 127.0.0.1:9464. Off by default; CONSULTEASE_METRICS_TOKEN opens it on the pages' port instead.",
            valueName: "host:port"))
    var metrics: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Where spans are sent: an OpenTelemetry collector, as http://127.0.0.1:4318. OTEL_… variables work as well.",
            valueName: "url"))
    var otlp: String?

    func add(to flags: inout SettingFlags) {
        flags.instance = instance
        flags.metrics = metrics
        flags.otlp = otlp
    }
}
