// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser

struct UnitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unit",
        abstract: "Add desk units, put them on desks, list and remove them, make and revoke their credentials.",
        discussion: """
            A unit of dialect 2 has a name of its own, as desk-7. An old unit has none: it is d1- and its person's id.

            Examples:
              consultease unit add desk-7 --faculty 7
              consultease unit credential desk-7
              consultease unit list
            """,
        subcommands: [
            UnitAdd.self, UnitAssign.self, UnitList.self, UnitCredential.self, UnitProfessorStatus.self,
            UnitRevoke.self, UnitRemove.self,
        ])
}
