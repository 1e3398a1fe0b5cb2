// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser
import Domain
import Service
import Store

struct FacultyList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List faculty members by surname.",
        discussion: """
            Examples:
              consultease faculty list
              consultease faculty list --archived
              consultease faculty list --json
            """)

    @OptionGroup var data: DataOptions

    @Flag(help: "Those who are archived, instead of those who aren't.")
    var archived = false

    @Flag(help: "Print {\"revision\", \"faculty\": […]} for scripts.")
    var json = false

    func run() async throws {
        let archived = archived
        try await CommandStore.with(data) { store, settings in
            let (people, shown, tag) = try await store.read { transaction in
                let repository = FacultyRepository(transaction)
                return (
                    try archived ? repository.archived() : repository.all(),
                    try AvailabilityRepository(transaction).shown(),
                    try CardRepository(transaction).currentTag()
                )
            }
            let inOrder = SurnameOrder.sorted(people) { ($0.profile.surname, $0.profile.name, $0.id) }
            if json {
                let rows = inOrder.map { PersonOutput($0, shown[$0.id]) }
                try JSONOutput.print(Output(revision: tag.description, faculty: rows))
            } else {
                show(inOrder.map { PersonOutput($0, shown[$0.id], written: settings.localTime.text) })
            }
            if !archived, people.contains(where: { shown[$0.id]?.isOverdue ?? false }) {
                Note.print(PersonOutput.overdueNote)
            }
        }
    }

    private func show(_ people: [PersonOutput]) {
        guard !people.isEmpty else {
            print(
                archived
                    ? "Nobody is archived"
                    : "There is nobody yet: consultease faculty add --name \"Dr. Ana Reyes\" --department Physics")
            return
        }
        var table = TextTable(
            "ID", "NAME", "DEPARTMENT", "ROOM", archived ? "ARCHIVED" : "AVAILABILITY", "SINCE", "BEACON")
        for person in people {
            table.add(
                String(person.id), person.name, person.department, person.room,
                archived ? person.archivedAt : person.availability, person.since, person.bleID)
        }
        table.print()
    }

    private struct Output: Encodable {
        let revision: String
        let faculty: [PersonOutput]
    }
}
