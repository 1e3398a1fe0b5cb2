// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser
import Desk
import Domain
import Service
import Store

struct UnitCredential: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "credential",
        abstract: "Make a new password for a desk unit; it is shown once.",
        discussion: """
            The password before it stops to work, and a running broker is told at once. Only a hash of it is kept.

            Where the settings name a broker of your own, nothing is kept here: what to do there is told, with the rules \
            for mosquitto.

            Examples:
              consultease unit credential desk-7
              consultease unit credential desk-7 --password-file desk-7.password
              consultease unit credential d1-7
            """)

    @OptionGroup var data: DataOptions

    @Argument(help: "The unit's id, which is its user name.", transform: IdentifierArguments.unit)
    var unit: UnitID

    @Option(
        help: ArgumentHelp(
            "Write the password into this new file, readable by you alone, instead of showing it.", valueName: "file"))
    var passwordFile: String?

    @Flag(help: "Print {\"unit\", \"user\", \"password\" or \"password_file\", \"broker_told\", \"acl\"} for scripts.")
    var json = false

    func run() async throws {
        try await CommandStore.with(data) { store, settings in
            try await Commands(shell: store).units.requireMayConnect(unit)
            // Before the old password stops to work: a file that can't be written must not cost the unit its
            // credential.
            let file = try passwordFile.map { try PasswordFile(creating: $0) }
            let made: MadeCredential
            do {
                made = settings.broker == nil ? try await embedded(store, settings) : ownBroker
                try file?.write(made.password)
            } catch {
                file?.discard()
                throw error
            }
            CommandMailbox.leave("unit credential", unit, settings)
            try made.print(json: json)
        }
    }

    private func embedded(_ store: Store, _ settings: Settings) async throws -> MadeCredential {
        let folder = BrokerFolder(in: settings.dataFolder)
        let facts = try await BrokerFacts.current(in: store)
        let password = try folder.addCredential(for: unit)
        try folder.follow(facts)
        let isTold = EmbeddedBroker.reload(folder)
        // What it was told to listen on, whatever this command was told.
        let listens = folder.inspection().listeners.first ?? settings.desks
        return MadeCredential(
            unit: unit, password: password, passwordFile: passwordFile,
            place: .embedded(listens: listens, isTold: isTold))
    }

    private var ownBroker: MadeCredential {
        MadeCredential(unit: unit, password: NewPassword.make(), passwordFile: passwordFile, place: .ownBroker)
    }
}
