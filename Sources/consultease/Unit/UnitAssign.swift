// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser
import Domain
import Service
import Store

struct UnitAssign: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "assign",
        abstract: "Put a desk unit on somebody's desk, or on nobody's.",
        discussion: """
            Examples:
              consultease unit assign desk-7 --faculty 8
              consultease unit assign desk-7 --nobody
            """)

    @OptionGroup var data: DataOptions

    @Argument(help: "The unit's id.", transform: IdentifierArguments.unit)
    var unit: UnitID

    @Option(
        help: ArgumentHelp("On whose desk it stands from now on.", valueName: "id"),
        transform: IdentifierArguments.faculty)
    var faculty: FacultyID?

    @Flag(help: "It stands on nobody's desk from now on.")
    var nobody = false

    @Flag(help: "Print {\"unit\", \"faculty_id\", \"revision\"} for scripts.")
    var json = false

    func validate() throws {
        guard nobody != (faculty != nil) else { throw ValidationError("Give either --faculty ID or --nobody") }
    }

    func run() async throws {
        try await CommandStore.with(data) { store, _ in
            let revision = store.tag(try await UnitRegister(store: store).assign(unit, to: faculty))
            if json {
                try JSONOutput.print(
                    Output(unit: unit.rawValue, facultyID: faculty?.rawValue, revision: revision))
            } else {
                print("\(unit) stands on \(faculty.map { "the desk of \($0)" } ?? "nobody's desk") now")
            }
        }
    }

    private struct Output: Encodable {
        let unit: String
        @OrNull var facultyID: Int64?
        let revision: String

        enum CodingKeys: String, CodingKey {
            case unit, revision
            case facultyID = "faculty_id"
        }
    }
}
