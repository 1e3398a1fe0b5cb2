// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import Domain
import Store

/// How a side is told, row by row; the keys are those of `faculty show --json` and `unit list --json`.
extension ConflictReport {
    static func fields(_ content: FacultyRepository.Content) -> [Field] {
        let profile = content.profile
        let texts = [
            ("name", profile.name), ("surname", profile.surname), ("department", profile.department),
            ("room", profile.room), ("directions", profile.directions), ("subjects", profile.subjects),
            ("email", profile.email), ("ble_id", content.beacon?.rawValue),
        ]
        return texts.map { Field(key: $0, value: .text($1)) }
            + [Field(key: "archived", value: .flag(content.isArchived))]
    }

    static func fields(_ override: Override) -> [Field] {
        [
            Field(key: "override", value: .text(override.word.rawValue)),
            Field(key: "until", value: .text(override.until?.iso8601)),
            Field(key: "set_at", value: .text(override.setAt.iso8601)),
        ]
    }

    static func fields(_ assignment: UnitRepository.Assignment) -> [Field] {
        [Field(key: "faculty_id", value: .number(assignment.faculty?.rawValue))]
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

    /// A side is null if it is nothing at all: no word, and no row.
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
