// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser
import Domain
import Service

struct UnitRevoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Take a desk unit's password away: a running broker cuts it off at once.",
        discussion: """
            For a unit that was stolen, or whose password is known to others. The unit itself stays known, on its desk; \
            `consultease unit credential` gives it a new password.

            Examples:
              consultease unit revoke desk-7
              consultease unit revoke desk-7 --json
            """)

    @OptionGroup var data: DataOptions

    @Argument(help: "The unit's id.", transform: IdentifierArguments.unit)
    var unit: UnitID

    @Flag(help: "Print {\"unit\", \"revoked\", \"broker_told\", \"at\", \"by\"} for scripts.")
    var json = false

    func run() async throws {
        try await CommandStore.with(data) { store, settings in
            guard !UnitCommands.reservedNames.contains(unit.rawValue) else { throw UnitError.reserved(unit) }
            let done = try await Revocation.of(unit, store, settings)
            if done.hadCredential { CommandMailbox.leave("unit revoke", unit, settings) }
            if json {
                try JSONOutput.print(done.output(of: unit))
            } else {
                for line in done.text(of: unit, settings.localTime) { print(line) }
            }
            // A name that is neither known nor has a credential is likely to be a slip.
            if !done.hadCredential { try await Commands(shell: store).units.requireMayConnect(unit) }
        }
    }
}
