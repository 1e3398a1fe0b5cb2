// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser
import Desk
import Foundation
import Logging
import Store
import Telemetry

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the server: broker, database, board and pages, from one folder.",
        discussion: """
            Nothing has to be configured: the folder is made at the first start, and all listens on this machine alone.

            Examples:
              consultease serve
              consultease serve --data /var/lib/consultease --listen 0.0.0.0:8080 --desks 0.0.0.0:1883
              consultease serve --broker mqtt://consultease@broker.example:1883   (password in CONSULTEASE_BROKER_PASSWORD)

            Ends with SIGTERM or Ctrl-C. Exit code 0 after a normal end, 1 where it could not start or go on.
            """)

    @OptionGroup var data: DataOptions
    @OptionGroup var edge: EdgeOptions

    @Flag(name: .long, help: "Print the address as one JSON object on a line, for scripts.")
    var json = false

    func run() async throws {
        let settings = try await Settings.resolve(data, edge)
        let logger = Log.start(settings.logLevel)
        let telemetry = ServerTelemetry(settings, version: ConsultEase.configuration.version)
        let folder = try DataFolder(locking: settings.dataFolder)
        let lock = try DataFolder.lockDatabase(of: settings)
        let store = try await OpenedStore.forServing(settings, isDemo: false, logger: logger)
        let server = try await Server(settings: settings, store: store, telemetry: telemetry, logger: logger)
        let json = json
        try await server.run { port in Announcement(host: settings.listen.host, port: port).print(json: json) }
        try store.close()
        logger.notice("Shut down: what was acknowledged is in the database")
        _ = consume lock
        _ = consume folder
    }
}

/// Where the pages are, told to whoever started the server.
struct Announcement {
    let host: String
    let port: Int

    var url: String {
        let name = ["0.0.0.0", "::"].contains(host) ? "127.0.0.1" : host
        return "http://\(name.contains(":") ? "[\(name)]" : name):\(port)"
    }

    func print(json: Bool) {
        let text =
            json
            ? #"{"url":"\#(url)","port":\#(port)}"#
            : "ConsultEase is on \(url)\n  kiosk  \(url)/kiosk\n  hall   \(url)/hall\n  API    \(url)/api/v1/faculty"
        Swift.print(text)
        fflush(nil)
    }
}

/// Logging goes to standard error, so that standard output can be read by scripts.
enum Log {
    static func start(_ level: Logger.Level) -> Logger {
        // The provider puts the trace on each line, where something is traced.
        LoggingSystem.bootstrap(
            { label, provider in
                var handler = StreamLogHandler.standardError(label: label, metadataProvider: provider)
                handler.logLevel = level
                return handler
            }, metadataProvider: .trace)
        return Logger(label: "consultease")
    }
}
