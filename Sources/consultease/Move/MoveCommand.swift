// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser
import Domain
import Foundation
import SQL
import SQLite
import Store

struct MoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "move",
        abstract: "Copy a database to another engine, or another server, and prove the copy.",
        discussion: """
            The source stays as it is, and may be served meanwhile: the copy holds one moment of it. For the last time, stop the \
            server first, so that nothing is written after that moment. The target has to be empty; the copy gets a lineage of \
            its own, so screens start afresh by themselves. The data folder (broker, backups) stays where it is.

            Passwords of PostgreSQL come from CONSULTEASE_FROM_PASSWORD and CONSULTEASE_TO_PASSWORD, or for both from \
            CONSULTEASE_DATABASE_PASSWORD.

            Examples:
              consultease move --from sqlite:consultease-data/consultease.sqlite \\
                --to postgres://consultease@db.example/consultease
              consultease move --from postgres://consultease@db.example/consultease \\
                --to sqlite:copy.sqlite --json

            Exit code 0 where every count and checksum is equal, 1 otherwise, 64 for a wrong command line.
            """)

    @Option(help: ArgumentHelp("sqlite:FILE or postgres://USER@HOST:PORT/NAME.", valueName: "url"))
    var from: String

    @Option(help: ArgumentHelp("sqlite:FILE or postgres://USER@HOST:PORT/NAME, and empty.", valueName: "url"))
    var to: String

    @Flag(help: "Print one JSON object for scripts.")
    var json = false

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let nowhere = URL(filePath: ".")
        let (source, target) = try await Settings.asUsage {
            let shared = try SettingSources(SettingFlags()).secret(.databasePassword)
            return (
                try DatabaseLocation(
                    from, setting: "from", password: environment[SettingVariables.ofMove.from] ?? shared, in: nowhere),
                try DatabaseLocation(
                    to, setting: "to", password: environment[SettingVariables.ofMove.to] ?? shared, in: nowhere)
            )
        }
        restrictFileMode()
        let began = ContinuousClock.now
        let copy: CopyResult
        do {
            copy = try await moved(from: source, to: target)
        } catch let error as SQLError {
            throw CommandError("nothing was moved: \(error)")
        }
        CopyTable.note(otherTables: copy.otherTables)
        if json {
            try JSONOutput.print(MoveOutput(copy, from: source, to: target, took: began.duration(to: .now)))
        } else {
            report(copy, source, target)
        }
    }

    private func moved(from: DatabaseLocation, to: DatabaseLocation) async throws -> CopyResult {
        let source = try await Self.inWords(from) { try await OpenedStore.existingEngine(for: from) }
        defer { try? source.close() }  // Only read.
        // Checked before opening the target, which would create a file.
        let schema = try await source.read { try Migrator.installedVersion($0) }
        guard schema > 0 else { throw CommandError("\(from) is no ConsultEase database") }
        let target = try await Self.inWords(to) { try await OpenedStore.engine(for: to) }
        defer { try? target.close() }  // The commit is durable, so a failed close loses nothing.
        var generator = SystemRandomNumberGenerator()
        var plan = Copier.Plan()
        plan.lineage = Lineage(using: &generator)
        let progress = CopyProgress("Moving")
        defer { progress.end() }
        do {
            let copy = try await Copier(from: source, to: target).run(plan) { progress.show($0) }
            await gather(target, to)
            return copy
        } catch let error as CopyError {
            throw Self.explained(error, to)
        }
    }

    private static func inWords<Value>(
        _ location: DatabaseLocation, _ open: () async throws -> Value
    ) async throws -> Value {
        do {
            return try await open()
        } catch let error as SQLError {
            throw CommandError("nothing was moved: \(FailureInWords.words(error, location, backupsIn: nil))")
        }
    }

    /// Moves the -wal file's contents into the database file, so that the file alone can be renamed later.
    private func gather(_ target: any Engine, _ to: DatabaseLocation) async {
        do {
            try await (target as? SQLiteEngine)?.gather()
        } catch {
            Note.print("\(to) is moved, but part of it stands in its -wal file (\(error)): keep the two together")
        }
    }

    /// Explains what a failed copy did to the target, and what to do next.
    private static func explained(_ error: CopyError, _ to: DatabaseLocation) -> CommandError {
        let again = "Move into another, empty one, which is proved, and remove this one"
        return switch error.code {
        case .notEmpty:
            CommandError("\(to): \(error). Name a new one, or restore a backup into it with --replace")
        case .unknownOutcome:
            CommandError(
                "\(to): \(error). Move again: it is refused where the copy is there, for that one is not empty. \(again)"
            )
        case .unproved, .differs:
            CommandError("\(to): \(error). \(again)")
        case .changed, .unknownSchema, .damaged, .unfit, .interrupted, .refused:
            CommandError("nothing was moved: \(error)")
        }
    }

    private func report(_ copy: CopyResult, _ source: DatabaseLocation, _ target: DatabaseLocation) {
        CopyTable.print(copy.tables)
        print("")
        print("\(copy.rows) rows moved, every count and checksum read again at the target and equal")
        print("from  \(source) at revision \(copy.sourceLineage)-\(copy.revision)")
        print("to    \(target) at revision \(copy.lineage)-\(copy.revision)")
        print("")
        print("What \(source) commits after that revision is not there: stop its server before the last move.")
        print("Next: consultease serve --database \(to)")
    }
}

/// The result of a move in JSON.
private struct MoveOutput: Encodable {
    let from: String
    let to: String
    let schema: Int64
    let fromRevision: String
    let toRevision: String
    let rows: Int64
    let seconds: Double
    let tables: [TableOutput]
    let notCopied: [String]

    enum CodingKeys: String, CodingKey {
        case from, to, schema, rows, seconds, tables
        case fromRevision = "from_revision"
        case toRevision = "to_revision"
        case notCopied = "not_copied"
    }

    init(_ copy: CopyResult, from: DatabaseLocation, to: DatabaseLocation, took: Duration) {
        self.from = "\(from)"
        self.to = "\(to)"
        schema = copy.schema
        fromRevision = RevisionTag(lineage: copy.sourceLineage, revision: copy.revision).description
        toRevision = RevisionTag(lineage: copy.lineage, revision: copy.revision).description
        rows = copy.rows
        seconds = (took / .seconds(1) * 1000).rounded() / 1000
        tables = copy.tables.map(TableOutput.init)
        notCopied = copy.otherTables
    }
}
