// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser

struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Bring in many rows from a file, all or none.",
        discussion: """
            Example:
              consultease import faculty people.csv --dry-run
            """,
        subcommands: [ImportFaculty.self])
}
