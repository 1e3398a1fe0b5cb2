// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser
import Domain
import Service
import Store

/// The fields of a profile as flags; all texts, judged in one place for commands and files alike.
struct ProfileOptions: ParsableArguments {
    @Option(help: "The sort key, large on a card. Default: the last word of the name.")
    var surname: String?

    @Option(help: "Where the person is found, as B-204.")
    var room: String?

    @Option(help: "How to find the room.")
    var directions: String?

    @Option(help: "What can be asked about.")
    var subjects: String?

    @Option(help: "Shown only to those who may see it.")
    var email: String?

    @Option(help: ArgumentHelp("MAC address of the beacon that the person wears.", valueName: "mac"))
    var beacon: String?

    var texts: [FacultyField: String] {
        let texts: [FacultyField: String?] = [
            .surname: surname, .room: room, .directions: directions, .subjects: subjects, .email: email,
            .beacon: beacon,
        ]
        return texts.compactMapValues { $0 }
    }
}

struct FacultyAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Add a faculty member; prints the id and the revision.",
        discussion: """
            Old desk units carry their person's id in their topics: give it with --id.

            Examples:
              consultease faculty add --name "Dr. Ana Reyes" --department Physics
              consultease faculty add --id 7 --name "Prof. Juan Dela Cruz" \\
                --surname "Dela Cruz" --department Chemistry --beacon AA:BB:CC:DD:EE:FF

            Exit code 1, and nothing written, where a field can't be taken.
            """)

    @OptionGroup var data: DataOptions

    @Option(help: ArgumentHelp("Default: the next free one.", valueName: "number"))
    var id: String?

    @Option(help: "What is shown, with the title.")
    var name: String

    @Option(help: "As students know it.")
    var department: String

    @OptionGroup var profile: ProfileOptions

    @Flag(help: "Print {\"id\", \"revision\"} for scripts.")
    var json = false

    func run() async throws {
        let texts = profile.texts.merging([.id: id, .name: name, .department: department].compactMapValues { $0 }) {
            $1
        }
        let entry = try FacultyEntry(checking: texts)
        try await CommandStore.with(data) { store, settings in
            let added = try await Commands(shell: store).people.add(entry)
            let (id, revision) = (added.value.id, added.tag.description)
            CommandMailbox.leave("faculty add", id, settings)
            if let twin = added.value.twin {
                Note.print("Note: \(twin) is in this department too: `consultease faculty archive \(id)` undoes this")
            }
            if json {
                try JSONOutput.print(Output(id: id.rawValue, revision: revision))
            } else {
                print("Added \(entry.profile.name) with the id \(id) at revision \(revision)")
            }
        }
    }

    private struct Output: Encodable {
        let id: Int64
        let revision: String
    }
}
