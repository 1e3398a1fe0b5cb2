// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import ArgumentParser
import Domain
import Service
import Store

/// Both sides of an edit that came too late: standard output has them as a table, or as JSON, standard error what to do.
struct ConflictReport {
    /// Neither success, nor failure (1), nor wrong usage (64): somebody else was first.
    static let exitCode = ExitCode(9)

    /// `profile`, `override` or `unit`.
    let row: String
    /// As in `the profile of 7`.
    let name: String
    let expected: ExpectedVersion
    /// Nil where nothing stands any more.
    let standingVersion: Int64?
    /// Nil where the editor wanted it taken away.
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

    /// Runs an edit, and reports its conflict, where there is one, before it ends the command with `exitCode`.
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
            try ConflictReport(row: "unit", name: "the unit \(subject)", conflict, fields: Self.fields).print(json: json)
        }
        throw exitCode
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

    private static func fields(_ content: FacultyRepository.Content) -> [Field] {
        let profile = content.profile
        let texts = [
            ("name", profile.name), ("surname", profile.surname), ("department", profile.department),
            ("room", profile.room), ("directions", profile.directions), ("subjects", profile.subjects),
            ("email", profile.email), ("ble_id", content.beacon?.rawValue),
        ]
        return texts.map { Field(key: $0, value: .text($1)) }
            + [Field(key: "archived", value: .flag(content.isArchived))]
    }

    private static func fields(_ override: Override) -> [Field] {
        [
            Field(key: "override", value: .text(override.word.rawValue)),
            Field(key: "until", value: .text(override.until?.iso8601)),
            Field(key: "set_at", value: .text(override.setAt.iso8601)),
        ]
    }

    private static func fields(_ assignment: UnitRepository.Assignment) -> [Field] {
        [Field(key: "faculty_id", value: .number(assignment.faculty?.rawValue))]
    }

    private func print(json: Bool) throws {
        if json {
            try JSONOutput.print(self)
        } else {
            printTable()
        }
        let seen =
            switch expected {
            case .exactly(let version): "no longer has version \(version)"
            case .absent: "wasn't there"
            case .any: "has been changed meanwhile"
            }
        let remedy =
            standingVersion.map { "it has version \($0) now" } ?? "there is none any more, which is version 0"
        Note.print(
            "Error: nothing is written: \(name) \(expected == .absent ? "is there now, and you saw none" : seen); \(remedy). To have yours all the same, give --if-version \(standingVersion ?? 0)"
        )
    }

    /// What differs; everything where one side is missing.
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

extension ExpectedVersion {
    /// As the editor wrote it.
    fileprivate var text: String? {
        switch self {
        case .any: nil
        case .absent: "0"
        case .exactly(let version): String(version)
        }
    }
}

extension ConflictReport: Encodable {
    enum CodingKeys: String, CodingKey {
        case conflict, yours, theirs
    }

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(row, forKey: .conflict)
        try Self.encode(yours, version: expected.text.flatMap { Int64($0) }, as: .yours, in: &container)
        try Self.encode(theirs, version: standingVersion, as: .theirs, in: &container)
    }

    /// A side is null where it is nothing at all: no word, and no row.
    private static func encode(
        _ fields: [Field]?, version: Int64?, as key: CodingKeys, in container: inout KeyedEncodingContainer<CodingKeys>
    ) throws {
        guard let fields else {
            try container.encodeNil(forKey: key)
            return
        }
        var side = container.nestedContainer(keyedBy: Key.self, forKey: key)
        for field in fields {
            let key = Key(stringValue: field.key)
            switch field.value {
            case .text(let text): try side.encode(text, forKey: key)
            case .number(let number): try side.encode(number, forKey: key)
            case .flag(let flag): try side.encode(flag, forKey: key)
            }
        }
        try side.encode(version, forKey: Key(stringValue: "version"))
    }
}
