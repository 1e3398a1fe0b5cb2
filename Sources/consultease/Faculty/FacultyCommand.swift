// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser

struct FacultyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "faculty",
        abstract: "Add, list, show, change and archive faculty members, and set their overrides.",
        discussion: """
            Works on the data folder's database, while `consultease serve` runs on it or not; a running server shows the \
            change at once.

            Examples:
              consultease faculty add --name "Dr. Ana Reyes" --department Physics
              consultease faculty list
              consultease faculty override 7 out --until 2026-11-30T08:00:00+08:00
            """,
        subcommands: [
            FacultyAdd.self, FacultyList.self, FacultyShow.self, FacultySet.self, FacultyOverride.self,
            FacultyArchive.self,
        ])
}
