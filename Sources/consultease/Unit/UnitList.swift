// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser
import Domain
import Service
import Store
import Wire

struct UnitList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List desk units: whose they are, and when they were heard.",
        discussion: """
            A unit is live, silent (not heard for longer than it may be), offline (it said so itself), or never heard.

            Examples:
              consultease unit list
              consultease unit list --json
            """)

    @OptionGroup var data: DataOptions

    @Flag(help: "Print an array for scripts.")
    var json = false

    func run() async throws {
        try await CommandStore.with(data) { store, settings in
            let units = try await Commands(shell: store).units.all()
            let now = store.now
            if json {
                try JSONOutput.print(units.map { Output($0.unit, $0.faculty, at: now) })
                return
            }
            guard !units.isEmpty else {
                print("There are no units yet: consultease unit add desk-7 --faculty 7")
                return
            }
            var table = TextTable("UNIT", "DIALECT", "ID", "FACULTY", "LINK", "HEARD")
            for (unit, faculty) in units {
                table.add(
                    unit.id.rawValue, String(unit.dialect.rawValue), unit.faculty?.description, faculty?.name,
                    unit.liveness(at: now).description, unit.link?.heardAt.map(settings.localTime.text))
            }
            table.print()
        }
    }

    private struct Output: Encodable {
        let unit: String
        let dialect: Int64
        @OrNull var facultyID: Int64?
        @OrNull var facultyName: String?
        let link: String
        @OrNull var heardAt: String?
        let speaksProfessorStatus: Bool
        let version: Int64

        enum CodingKeys: String, CodingKey {
            case unit, dialect, link, version
            case facultyID = "faculty_id"
            case facultyName = "faculty_name"
            case heardAt = "heard_at"
            case speaksProfessorStatus = "speaks_professor_status"
        }

        init(_ stored: UnitRepository.Stored, _ faculty: FacultyRepository.Holder?, at now: Timestamp) {
            unit = stored.id.rawValue
            dialect = stored.dialect.rawValue
            facultyID = stored.faculty?.rawValue
            facultyName = faculty?.name
            link = stored.liveness(at: now).rawValue
            heardAt = stored.link?.heardAt?.iso8601
            speaksProfessorStatus = stored.speaksProfessorStatus
            version = stored.version
        }
    }
}
