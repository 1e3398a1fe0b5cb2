// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser

/// Checks the name of the command on the command line.
enum CommandNames {
    /// Throws if the first word is no command, and suggests the command that was probably meant.
    static func require(_ arguments: [String], below command: any ParsableCommand.Type) throws {
        let subcommands = command.configuration.subcommands
        guard !subcommands.isEmpty, let word = arguments.first, !word.hasPrefix("-") else { return }
        let names = subcommands.compactMap { $0.configuration.commandName }
        if let index = subcommands.firstIndex(where: { $0.configuration.commandName == word }) {
            return try require(Array(arguments.dropFirst()), below: subcommands[index])
        }
        guard word != "help" else { return }
        throw ValidationError("there is no command '\(word)'\(NearName.question(word, among: names + ["help"]))")
    }
}
