// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser
import Domain
import Service
import Store

struct UnitRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Forget a desk unit, and take its password away.",
        discussion: """
            Whom it stood with is shown as unknown until another unit speaks for them. What was refused of it stays in the list \
            of refusals. An old unit becomes known again by its next message, if the broker still lets it in.

            Examples:
              consultease unit remove desk-7
              consultease unit remove desk-7 --json
            """)

    @OptionGroup var data: DataOptions

    @Argument(help: "The unit's id.", transform: IdentifierArguments.unit)
    var unit: UnitID

    @Flag(help: "Print {\"unit\", \"faculty_id\", \"revision\", \"credential\"} for scripts.")
    var json = false

    func run() async throws {
        try await CommandStore.with(data) { store, settings in
            let done = try await Commands(shell: store).units.remove(unit)
            CommandMailbox.leave("unit remove", unit, settings)
            let revocation: Revocation
            do {
                revocation = try await Revocation.of(unit, store, settings)
            } catch {
                throw CommandError(
                    "\(unit) is removed, but its credential could not be taken away: \(error). Then: consultease unit revoke \(unit)"
                )
            }
            if json {
                try JSONOutput.print(
                    Output(
                        unit: unit.rawValue, facultyID: done.value?.rawValue, revision: done.tag.description,
                        credential: revocation.output(of: unit)))
                return
            }
            print(
                "Removed \(unit), which stood on \(done.value.map { "the desk of \($0)" } ?? "no desk"), at revision \(done.tag)"
            )
            for line in revocation.text(of: unit, settings.localTime) { print(line) }
        }
    }

    private struct Output: Encodable {
        let unit: String
        @OrNull var facultyID: Int64?
        let revision: String
        let credential: Revocation.Output

        enum CodingKeys: String, CodingKey {
            case unit, revision, credential
            case facultyID = "faculty_id"
        }
    }
}
