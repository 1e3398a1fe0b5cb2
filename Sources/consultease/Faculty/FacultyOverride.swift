// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser
import Domain
import Service
import Store

struct FacultyOverride: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "override",
        abstract: "Set a faculty member's override, which goes before everything that is sensed; or take it back.",
        discussion: """
            `available` without an end is what the former system called always available. \
            \(VersionOption.exitCodeHelp)

            Examples:
              consultease faculty override 7 busy --for 30m
              consultease faculty override 7 out --until 2026-11-30T08:00:00+08:00
              consultease faculty override 7 available
              consultease faculty override 7 none
              consultease faculty override 7 busy --if-version 0
            """)

    @OptionGroup var data: DataOptions

    @Argument(help: "Whose word it is.", transform: IdentifierArguments.faculty)
    var id: FacultyID

    @Argument(help: "available, busy, away or out; none takes the override back.")
    var word: Word

    @Option(help: ArgumentHelp("Ends then: ISO 8601 with its zone.", valueName: "moment"), transform: MomentText.read)
    var until: Timestamp?

    @Option(
        name: .customLong("for"), help: ArgumentHelp("Ends after this, as 30m, 2h or 1d12h.", valueName: "span"),
        transform: SpanText.read)
    var span: Span?

    @OptionGroup var version: VersionOption

    @Flag(help: "Print {\"id\", \"override\", \"until\", \"version\", \"revision\"} for scripts.")
    var json = false

    enum Word: String, ExpressibleByArgument, CaseIterable {
        case available, busy, away, out, none
    }

    func validate() throws {
        if until != nil, span != nil { throw ValidationError("Give --until or --for, not both") }
        if word == .none, until != nil || span != nil { throw ValidationError("`none` takes no end: it is at once") }
    }

    func run() async throws {
        let end = until.map { OverrideEnd.at($0) } ?? span.map { .after($0) } ?? .open
        let edit = OverrideWord(rawValue: word.rawValue).map { OverrideEdit.set($0, end) } ?? .clear
        try await CommandStore.with(data) { store, settings in
            let done = try await ConflictReport.reporting("\(id)", json: json) {
                try await Commands(shell: store).people.setOverride(edit, of: id, expecting: version.expected)
            }
            CommandMailbox.leave("faculty override", id, settings)
            let said = done.value?.value
            let revision = done.tag.description
            if json {
                try JSONOutput.print(
                    Output(
                        id: id.rawValue, override: said?.word.rawValue, until: said?.until?.iso8601,
                        version: done.value?.version, revision: revision))
            } else if let said {
                let ending = said.until.map { "until \(settings.localTime.text($0))" } ?? "until it is taken back"
                print("\(id) is shown as \(said.word.rawValue) \(ending), at revision \(revision)")
            } else {
                print("\(id) has no override any more, at revision \(revision)")
            }
        }
    }

    private struct Output: Encodable {
        let id: Int64
        @OrNull var override: String?
        @OrNull var until: String?
        @OrNull var version: Int64?
        let revision: String
    }
}
