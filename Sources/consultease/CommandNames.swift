// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser

/// The names of commands, as a command line begins with them.
enum CommandNames {
    /// Throws for a word that stands where a command has to stand and is none, with the command that was meant.
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
