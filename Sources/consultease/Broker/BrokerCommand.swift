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
            `consultease serve` on the same folder adopts it. Without this command `serve` runs a broker of its own, which
            ends with it.

            Example:
              consultease broker --data /var/lib/consultease --desks 0.0.0.0:1883
            """)

    @OptionGroup var data: DataOptions
    @OptionGroup var edge: EdgeOptions

    func run() async throws {
        let settings = try await Settings.resolve(data, edge)
        let logger = Log.start(settings.logLevel)
        let configuration = BrokerConfiguration(
            desks: settings.desks, openDesks: settings.openDesks, isRoot: geteuid() == 0)
        let broker = EmbeddedBroker(
            folder: BrokerFolder(in: settings.dataFolder), configuration: configuration, logger: logger)
        try await Part.untilSignalled(logger) { try await broker.run() }
    }
}
