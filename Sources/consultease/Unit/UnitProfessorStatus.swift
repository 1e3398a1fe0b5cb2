// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser
import Domain
import Service

struct UnitProfessorStatus: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "professor-status",
        abstract: "Say which old unit speaks on professor/status, a topic that names no person.",
        discussion: """
            Units of the first generation say there what the person is, without saying who. One unit can be meant; where \
            none is, such a message is refused, and recorded.

            Examples:
              consultease unit professor-status d1-7
              consultease unit professor-status --nobody
            """)

    @OptionGroup var data: DataOptions

    @Argument(help: "The old unit that is meant, and no other.", transform: IdentifierArguments.unit)
    var unit: UnitID?

    @Flag(help: "No unit is meant any more.")
    var nobody = false

    func validate() throws {
        guard nobody != (unit != nil) else { throw ValidationError("Give either a unit's id or --nobody") }
    }

    func run() async throws {
        try await CommandStore.with(data) { store, settings in
            try await Commands(shell: store).units.setProfessorStatusSender(unit)
            try await BrokerRules.follow(store, settings)
            CommandMailbox.leave("unit professor-status", unit?.rawValue ?? "nobody", settings)
            print("What comes on professor/status without a name is \(unit.map { "\($0)'s" } ?? "nobody's") now")
        }
    }
}
