// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser
import Domain
import Service
import Store

struct FacultyArchive: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "archive",
        abstract: "Take a faculty member off every screen; the history stays, and the id is never used again.",
        discussion: """
            The beacon and the desk unit become free for somebody else. What an old unit still sends for the person is \
            refused, and recorded. \
            \(VersionOption.exitCodeHelp)

            Example:
              consultease faculty archive 7
            """)

    @OptionGroup var data: DataOptions

    @Argument(help: "Whom to archive.", transform: IdentifierArguments.faculty)
    var id: FacultyID

    @OptionGroup var version: VersionOption

    @Flag(help: "Print {\"id\", \"revision\", \"beacon\", \"units\"} for scripts.")
    var json = false

    func run() async throws {
        try await CommandStore.with(data) { store, settings in
            let done = try await ConflictReport.reporting("\(id)", json: json) {
                try await Commands(shell: store).people.archive(id, expecting: version.expected)
            }
            CommandMailbox.leave("faculty archive", id, settings)
            let (freed, revision) = (done.value, done.tag.description)
            if json {
                try JSONOutput.print(
                    Output(
                        id: id.rawValue, revision: revision, beacon: freed.beacon?.rawValue,
                        units: freed.units.map(\.rawValue)))
                return
            }
            print("Archived \(id) at revision \(revision)")
            if let beacon = freed.beacon { print("The beacon \(beacon) is free for another person") }
            for unit in freed.units { print("The unit \(unit) stands on no desk now") }
        }
    }

    private struct Output: Encodable {
        let id: Int64
        let revision: String
        @OrNull var beacon: String?
        let units: [String]
    }
}
