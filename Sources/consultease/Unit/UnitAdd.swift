// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser
import Domain
import Service
import Store
import Wire

struct UnitAdd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Make a desk unit known, and put it on a person's desk.",
        discussion: """
            Old units need not be added: one becomes known by its first message.

            Examples:
              consultease unit add desk-7 --faculty 7
              consultease unit add spare-1
              consultease unit add d1-7 --dialect 1
            """)

    @OptionGroup var data: DataOptions

    @Argument(help: "The unit's id: 1 to 32 of a-z, 0-9 and -.", transform: IdentifierArguments.unit)
    var unit: UnitID

    @Option(
        help: ArgumentHelp("The id of the person on whose desk it stands. Default: no desk.", valueName: "id"),
        transform: IdentifierArguments.faculty)
    var faculty: FacultyID?

    @Option(help: ArgumentHelp("1 or 2. Default: told from the id.", valueName: "number"))
    var dialect: DialectArgument?

    @Flag(help: "Print {\"unit\", \"dialect\", \"faculty_id\", \"revision\"} for scripts.")
    var json = false

    enum DialectArgument: String, ExpressibleByArgument, CaseIterable {
        case one = "1"
        case two = "2"

        var dialect: Dialect {
            switch self {
            case .one: .one
            case .two: .two
            }
        }
    }

    func run() async throws {
        try await CommandStore.with(data) { store, settings in
            let done = try await Commands(shell: store).units.add(unit, dialect: dialect?.dialect, faculty: faculty)
            let added = done.value
            try await BrokerRules.follow(store, settings)
            CommandMailbox.leave("unit add", unit, settings)
            if json {
                try JSONOutput.print(
                    Output(
                        unit: unit.rawValue, dialect: added.dialect.rawValue, facultyID: added.faculty?.rawValue,
                        revision: done.tag.description))
                return
            }
            print("Added \(unit), which stands on \(added.faculty.map { "the desk of \($0)" } ?? "no desk")")
            print("Next: consultease unit credential \(unit)")
        }
    }

    private struct Output: Encodable {
        let unit: String
        let dialect: Int64
        @OrNull var facultyID: Int64?
        let revision: String

        enum CodingKeys: String, CodingKey {
            case unit, dialect, revision
            case facultyID = "faculty_id"
        }
    }
}
