// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser
import Domain
import Service
import Store

struct FacultySet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Change what is given of a faculty member's profile or beacon; the rest stays.",
        discussion: """
            `none` takes an optional field away. A beacon that somebody else wears must be taken from them first. \
            \(VersionOption.exitCodeHelp)

            Examples:
              consultease faculty set 7 --room C-101 --directions "second floor, left"
              consultease faculty set 7 --beacon none
              consultease faculty set 7 --room C-101 --if-version 3
            """)

    @OptionGroup var data: DataOptions

    @Argument(help: "Whom to change.", transform: IdentifierArguments.faculty)
    var id: FacultyID

    @Option(help: "What is shown, with the title.")
    var name: String?

    @Option(help: "As students know it.")
    var department: String?

    @OptionGroup var profile: ProfileOptions

    @OptionGroup var version: VersionOption

    @Flag(help: "Print {\"id\", \"version\", \"revision\"} for scripts.")
    var json = false

    private var texts: [FacultyField: String] {
        profile.texts.merging([.name: name, .department: department].compactMapValues { $0 }) { $1 }
    }

    func validate() throws {
        guard !texts.isEmpty else { throw ValidationError("Nothing to change: give a field, as --room C-101") }
    }

    func run() async throws {
        try await CommandStore.with(data) { store, settings in
            let done = try await ConflictReport.reporting("\(id)", json: json) {
                try await Commands(shell: store).people.change(id, texts, expecting: version.expected)
            }
            CommandMailbox.leave("faculty set", id, settings)
            if name != nil || department != nil, let twin = try await Commands(shell: store).people.twin(of: id) {
                Note.print(
                    "Note: \(twin) is in this department too: `consultease faculty archive \(id)` leaves one of the two"
                )
            }
            let revision = done.tag.description
            if json {
                try JSONOutput.print(Output(id: id.rawValue, version: done.value, revision: revision))
            } else {
                print("Changed \(id), which has version \(done.value) now, at revision \(revision)")
            }
        }
    }

    private struct Output: Encodable {
        let id: Int64
        let version: Int64
        let revision: String
    }
}
