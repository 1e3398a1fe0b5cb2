// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser
import Domain
import Service
import Store

struct UnitAssign: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "assign",
        abstract: "Put a desk unit on a person's desk, or on none.",
        discussion: """
            \(VersionOption.exitCodeHelp)

            Examples:
              consultease unit assign desk-7 --faculty 8
              consultease unit assign desk-7 --nobody
              consultease unit assign desk-7 --faculty 8 --if-version 2
            """)

    @OptionGroup var data: DataOptions

    @Argument(help: "The unit's id.", transform: IdentifierArguments.unit)
    var unit: UnitID

    @Option(
        help: ArgumentHelp("On whose desk it stands from now on.", valueName: "id"),
        transform: IdentifierArguments.faculty)
    var faculty: FacultyID?

    @Flag(help: "It stands on no desk from now on.")
    var nobody = false

    @OptionGroup var version: VersionOption

    @Flag(help: "Print {\"unit\", \"faculty_id\", \"version\", \"revision\"} for scripts.")
    var json = false

    func validate() throws {
        guard nobody != (faculty != nil) else { throw ValidationError("Give either --faculty ID or --nobody") }
    }

    func run() async throws {
        try await CommandStore.with(data) { store, settings in
            let done = try await ConflictReport.reporting("\(unit)", json: json) {
                try await Commands(shell: store).units.assign(unit, to: faculty, expecting: version.expected)
            }
            try await BrokerRules.follow(store, settings)
            CommandMailbox.leave("unit assign", unit, settings)
            if json {
                try JSONOutput.print(
                    Output(
                        unit: unit.rawValue, facultyID: faculty?.rawValue, version: done.value,
                        revision: done.tag.description))
            } else {
                print("\(unit) stands on \(faculty.map { "the desk of \($0)" } ?? "no desk") now")
            }
        }
    }

    private struct Output: Encodable {
        let unit: String
        @OrNull var facultyID: Int64?
        let version: Int64
        let revision: String

        enum CodingKeys: String, CodingKey {
            case unit, version, revision
            case facultyID = "faculty_id"
        }
    }
}
