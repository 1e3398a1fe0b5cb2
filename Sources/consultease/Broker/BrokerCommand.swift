// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser
import Desk
import Foundation

struct BrokerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "broker",
        abstract: "Run the embedded broker alone, so that an upgrade of the server doesn't drop the desks.",
        discussion: """
            `consultease serve` on the same folder adopts it. Without this command `serve` runs a broker of its own, which \
            ends with it. One broker runs for a folder: where there is one that listens at other addresses, neither command \
            takes its place.

            Example:
              consultease broker --data /var/lib/consultease --desks 0.0.0.0:1883

            Ends with SIGTERM or Ctrl-C. Exit code 0 after a normal end, 1 where it could not start or go on.
            """)

    @OptionGroup var folder: FolderOption
    @OptionGroup var common: CommonOptions
    @OptionGroup var listeners: ListenerOptions

    func run() async throws {
        var flags = SettingFlags(data: folder.data)
        common.add(to: &flags)
        flags.desks = listeners.desks
        flags.openDesks = listeners.open.openDesks
        let settings = try await Settings.resolve(flags)
        // mosquitto refuses port 0, and the operator could not find out which port it had chosen.
        guard settings.desks.port > 0 else { throw ValidationError("--desks needs a port, as 127.0.0.1:1883") }
        restrictFileMode()
        try FailureInWords.makeFolder(settings.dataFolder)
        let logger = Log.start(settings.logLevel)
        let configuration = BrokerConfiguration(
            desks: settings.desks, openDesks: settings.openDesks, isRoot: geteuid() == 0)
        let broker = EmbeddedBroker(
            folder: BrokerFolder(in: settings.dataFolder), configuration: configuration, logger: logger)
        try await RunningPart.untilSignalled(logger) { try await broker.run() }
    }
}
