// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser

/// The root command. Each subcommand has its own folder.
@main
struct ConsultEase: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "consultease",
        abstract: "Who is in right now: presence, live boards and consultations for a university.",
        discussion: """
            A first look, with simulated desk units:
              consultease demo

            A server of your own, and somebody to show on it:
              consultease serve
              consultease faculty add --name "Dr. Ana Reyes" --department Physics

            What is wrong?
              consultease doctor

            Which settings count, and from where?
              consultease settings

            For completion with the Tab key in bash, zsh or fish:
              consultease --generate-completion-script bash

            Where a server's data, pages and broker are can also be set in the environment (--listen is CONSULTEASE_LISTEN) \
            and in a JSON file named by --config; the commands on its data read it there, too. A flag goes before the \
            environment, the environment before the file. What else a command is told is said by flags alone.
            """,
        version: ProgramVersion.text,
        subcommands: [
            ServeCommand.self, BrokerCommand.self, DemoCommand.self, DeskCommand.self, LoadCommand.self,
            FacultyCommand.self, UnitCommand.self, ImportCommand.self, WireCommand.self, DoctorCommand.self,
            BackupCommand.self, RestoreCommand.self, MoveCommand.self, SettingsCommand.self,
        ])

    /// Runs the command on the command line, and prints its errors as text for a shell.
    static func main() async {
        do {
            try CommandNames.require(Array(CommandLine.arguments.dropFirst()), below: Self.self)
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            exit(withError: FailureInWords.of(error))
        }
    }
}
