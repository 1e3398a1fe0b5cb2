// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser
import Foundation

/// Where the data is: what every command that touches it takes.
struct DataOptions: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("Folder of the database and the broker's files.", valueName: "folder"))
    var data: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Another database than the folder's: sqlite:FILE or postgres://USER@HOST:PORT/NAME; PostgreSQL's password comes from CONSULTEASE_DATABASE_PASSWORD.",
            valueName: "url"))
    var database: String?

    @Option(
        name: .long,
        help: ArgumentHelp("A JSON file with settings: {\"listen\": \"127.0.0.1:8080\"}.", valueName: "file"))
    var config: String?

    @Option(name: .long, help: "trace, debug, info, notice, warning or error.")
    var logLevel: String?
}

/// Where and to whom the server speaks.
struct EdgeOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Where pages and the API listen; port 0 takes a free one. Default 127.0.0.1:8080.", valueName: "host:port"))
    var listen: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "An MQTT broker of your own instead of the embedded one: mqtt://USER@HOST:PORT; the password comes from CONSULTEASE_BROKER_PASSWORD.",
            valueName: "url"))
    var broker: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Where the embedded broker waits for desk units. Default 127.0.0.1:1883.", valueName: "host:port"))
    var desks: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "A second listener for old units without credentials. Spoofable: whoever reaches it can speak as any of them. Off by default.",
            valueName: "host:port"))
    var openDesks: String?

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
}
