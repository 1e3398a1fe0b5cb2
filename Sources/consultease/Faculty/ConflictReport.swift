// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser
import Domain
import Service
import Store

/// Both sides of an edit that came too late: standard output has them as a table, or as JSON, standard error what to
/// do.
struct ConflictReport {
    /// `profile`, `override` or `unit`.
    let row: String
    /// As in `the profile of 7`.
    let name: String
    let expected: ExpectedVersion
    /// Nil if nothing stands any more.
    let standingVersion: Int64?
    /// Nil if the editor wanted it taken away.
    let yours: [Field]?
    let theirs: [Field]?

    struct Field {
        let key: String
        let value: Value
    }

    /// Text, a number or a truth, as JSON knows them; the first two may be nothing.
    enum Value: Hashable {
        case text(String?)
        case number(Int64?)
        case flag(Bool)

        /// As a person reads it; nil for nothing.
        var text: String? {
            switch self {
            case .text(let text): text
            case .number(let number): number.map(String.init)
            case .flag(let flag): flag ? "yes" : "no"
            }
        }
    }

    /// Runs an edit, and reports its conflict, if there is one, before it ends the command with
    /// `VersionOption.exitCode`.
    static func reporting<Value>(
        _ subject: String, json: Bool, _ edit: () async throws -> Value
    ) async throws -> Value {
        do {
            return try await edit()
        } catch let conflict as VersionConflict<FacultyRepository.Content> {
            try ConflictReport(
                row: "profile", name: "the profile of \(subject)", conflict, fields: Self.fields
            ).print(json: json)
        } catch let conflict as VersionConflict<Override> {
            try ConflictReport(
                row: "override", name: "the override of \(subject)", conflict, fields: Self.fields
            ).print(json: json)
        } catch let conflict as VersionConflict<UnitRepository.Assignment> {
            try ConflictReport(
                row: "unit", name: "the unit \(subject)", conflict, fields: Self.fields
            ).print(json: json)
        }
        throw VersionOption.exitCode
    }

    private init<Row>(
        row: String, name: String, _ conflict: VersionConflict<Row>, fields: (Row) -> [Field]
    ) {
        self.row = row
        self.name = name
        expected = conflict.expected
        standingVersion = conflict.standing?.version
        yours = conflict.wanted.map(fields)
        theirs = (conflict.standing?.value).map(fields)
    }

    private func print(json: Bool) throws {
        if json {
            try JSONOutput.print(self)
        } else {
            printTable()
        }
        Note.print("Error: nothing is written: \(explanation)")
    }

    private var explanation: String {
        let seen =
            switch expected {
            case .exactly(let version): "no longer has version \(version)"
            case .absent: "is there now, and you saw none"
            case .any: "has been changed meanwhile"
            }
        let now = standingVersion.map { "it has version \($0) now" } ?? "there is none any more"
        return "\(name) \(seen); \(now). To have yours all the same, give --if-version \(standingVersion ?? 0)"
    }

    /// What differs; everything if one side is missing.
    private func printTable() {
        var table = TextTable("FIELD", "YOURS", "THEIRS")
        for (index, field) in (yours ?? theirs ?? []).enumerated() {
            let (mine, other) = (yours?[index].value, theirs?[index].value)
            if mine != other { table.add(field.key, mine?.text, other?.text) }
        }
        table.add("version", expected.text, standingVersion.map(String.init))
        table.print()
    }
}
