// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser
import Domain
import Foundation
import Service
import Store

struct ImportFaculty: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "faculty",
        abstract: "Add the faculty members in a CSV file: all of them, or, where a row is bad, none.",
        discussion: """
            The first row names the columns, in any order: name and department, and if wanted id, surname, room, directions, \
            subjects, email and beacon. UTF-8, commas, quotes as RFC 4180 has them. Every bad row is named with its line, \
            its column, what is wrong and what to do.

            Examples:
              consultease import faculty people.csv --dry-run
              consultease import faculty people.csv

              name,surname,department,room,beacon
              Prof. Juan Dela Cruz,Dela Cruz,Chemistry,C-101,AA:BB:CC:DD:EE:FF

            Exit code 1, and nothing written, where a row can't be taken.
            """)

    @OptionGroup var data: DataOptions

    @Argument(
        help: ArgumentHelp("The CSV file; - reads standard input.", valueName: "file"),
        completion: .file(extensions: ["csv"]))
    var file: String

    @Flag(help: "Say what would be done, and do nothing.")
    var dryRun = false

    @Flag(help: "Print one JSON object for scripts.")
    var json = false

    /// More than a million people: such a file is no list of them.
    private static let largestFile = 256 << 20

    func run() async throws {
        let bytes = try read()
        let notice = ProgressNotice()
        try await CommandStore.with(data) { store, settings in
            let people = Commands(shell: store).people
            let read = await notice.during("Reading \(file)") { ImportFile(csv: bytes) }
            if dryRun || !read.problems.isEmpty {
                try report(try await people.plan(read), revision: nil)
                return
            }
            let total = read.rowCount
            let done = try await people.importing(read) { written in
                notice.say("\(written) of \(total) rows written")
            }
            if done.value.problems.isEmpty {
                CommandMailbox.leave("import faculty", "\(done.value.additions.count) added", settings)
            }
            try report(done.value, revision: done.tag.description)
        }
    }

    private func read() throws -> [UInt8] {
        let handle: FileHandle
        if file == "-" {
            handle = .standardInput
        } else {
            handle = try FileReading.opened(file)
        }
        // One byte more than is taken, to see that there is more.
        let bytes = try FileReading.read(handle, file) { try $0.read(upToCount: Self.largestFile + 1) }
        guard let bytes else { return [] }
        guard bytes.count <= Self.largestFile else {
            throw CommandError("\(file) is larger than \(Self.largestFile >> 20) MB: split it")
        }
        return Array(bytes)
    }

    /// `revision` nil: nothing was written.
    private func report(_ plan: ImportPlan, revision: String?) throws {
        let isRefused = !plan.problems.isEmpty
        if json {
            try JSONOutput.print(ImportOutput(plan, isDryRun: dryRun, revision: isRefused ? nil : revision))
        } else if isRefused {
            refuse(plan)
        } else {
            let given = plan.additions.count { $0.isIDGiven }
            let ids = plan.additions.filter { !$0.isIDGiven }.map(\.id)
            var parts = given > 0 ? ["\(given) with the \(given == 1 ? "id" : "ids") of the file"] : []
            if let first = ids.first, let last = ids.last {
                parts.append(
                    ids.count == 1 ? "1 with the new id \(first)" : "\(ids.count) with new ids \(first)…\(last)")
            }
            let what =
                "\(plan.additions.count) faculty \(plan.additions.count == 1 ? "member" : "members")\(parts.isEmpty ? "" : ": ")\(parts.joined(separator: ", "))"
            print(revision.map { "Added \(what); revision \($0)" } ?? "Would add \(what). Nothing was written")
        }
        if isRefused { throw ExitCode.failure }
    }

    private static let problemsShown = 100

    private func refuse(_ plan: ImportPlan) {
        for problem in plan.problems.prefix(Self.problemsShown) { Note.print("\(file): \(problem)") }
        let more = plan.problems.count - Self.problemsShown
        if more > 0 { Note.print("… and \(more) more: --json shows all of them") }
        let bad = Set(plan.problems.map(\.line)).count
        Note.print(
            "Nothing was imported: \(plan.problems.count) \(plan.problems.count == 1 ? "problem" : "problems") in \(bad) of \(plan.rowCount + 1) lines"
        )
    }
}

/// What an import came to, for scripts.
private struct ImportOutput: Encodable {
    let dryRun: Bool
    let rows: Int
    /// Whom it added, or would add in a dry run; empty if there is a problem.
    let added: [Added]
    @OrNull var revision: String?
    let problems: [Problem]

    struct Added: Encodable {
        let line: Int
        let id: Int64
        let name: String
    }

    struct Problem: Encodable {
        let line: Int
        @OrNull var column: String?
        let problem: String
        let remedy: String
    }

    enum CodingKeys: String, CodingKey {
        case rows, added, revision, problems
        case dryRun = "dry_run"
    }

    init(_ plan: ImportPlan, isDryRun: Bool, revision: String?) {
        dryRun = isDryRun
        rows = plan.rowCount
        added =
            plan.problems.isEmpty
            ? plan.additions.map { Added(line: $0.line, id: $0.id.rawValue, name: $0.profile.name) } : []
        self.revision = revision
        problems = plan.problems.map {
            Problem(line: $0.line, column: $0.column, problem: $0.problem, remedy: $0.remedy)
        }
    }
}
