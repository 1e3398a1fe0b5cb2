// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser
import Desk
import Logging
import SQL
import Store

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Run the server: broker, database, board and pages, from one folder.",
        discussion: """
            Nothing has to be configured: the folder is made at the first start, and all listens on this machine alone.

            Examples:
              consultease serve
              consultease serve --data /var/lib/consultease \\
                --listen 0.0.0.0:8080 --desks 0.0.0.0:1883
              consultease serve --broker mqtts://consultease@broker.example

            Ends with SIGTERM or Ctrl-C. Exit code 0 after a normal end, 1 where it could not start or go on.
            """)

    @OptionGroup var data: DataOptions
    @OptionGroup var edge: EdgeOptions

    @Flag(name: .long, help: "Print the address as one JSON object on a line, for scripts.")
    var json = false

    @Flag(
        name: .long,
        help: "Begin with an empty database although the folder has served one that is gone now. For one start alone.")
    var newDatabase = false

    func run() async throws {
        let settings = try await Settings.resolve(edge.flags(with: data))
        // Before anything is opened.
        _ = try settings.requiredTimeZone()
        do {
            try await serve(settings)
        } catch let error as SQLError {
            throw FailureInWords.database(error, settings.database, backupsIn: settings.dataFolder)
        }
    }

    private func serve(_ settings: Settings) async throws {
        let logger = Log.start(settings.logLevel)
        let telemetry = ServerTelemetry(settings, version: ProgramVersion.text)
        let lock = try ServingLock(settings)
        let store = try await OpenedStore.forServing(
            settings, isDemo: false, beginsAnew: newDatabase, logger: logger)
        let server = try await Server(settings: settings, store: store, telemetry: telemetry, logger: logger)
        let json = json
        try await server.run { port in
            ServedAddress(settings, port: port).note(in: settings.dataFolder)
            Announcement(settings.listen, port: port).print(json: json)
        }
        try store.close()
        logger.notice("Shut down: what was acknowledged is in the database")
        _ = consume lock
    }
}
