// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

/// A table as it is copied: what is read, in which order, and what is left where it is.
package struct CopiedTable: Sendable, Hashable {
    package let name: String
    /// All of the table's columns. Their order is that of the canonical row: see `RowEncoding`.
    package let columns: [String]
    /// The primary key: the order of reading.
    package let key: [String]
    /// Whether the engine makes ids of its own in `key`.
    package let isGenerated: Bool
    /// Which rows belong to the copy; nil: all. Text of the program.
    let condition: String?

    /// Every table of a schema, each after those that it refers to.
    package static func all(schema: Int64) -> [CopiedTable] {
        entries.filter { $0.since <= schema }.map { $0.table(schema: schema) }
    }

    /// What says which database this is, and is never another's: a copy has a lineage and a timeline of its own.
    package static let ownMetaKeys = ["lineage", "timeline"]

    /// The tables that have rows in a database that was just made.
    static let bookkeeping: Set<String> = ["meta", "revision", "change", "mqtt_session"]
}

extension CopiedTable {
    /// A table over the schemas: a migration that adds a table or a column adds it here.
    private struct Entry {
        let name: String
        let columns: String
        var key = "id"
        var since: Int64 = 1
        /// Columns that came with a later schema.
        var later: [(schema: Int64, columns: String)] = []
        var isGenerated = false
        var condition: String?

        func table(schema: Int64) -> CopiedTable {
            let added = later.filter { $0.schema <= schema }.map(\.columns)
            return CopiedTable(
                name: name, columns: ([columns] + added).flatMap(Self.words), key: Self.words(key),
                isGenerated: isGenerated, condition: condition)
        }

        private static func words(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }
    }

    private static let entries: [Entry] = [
        Entry(
            name: "meta", columns: "key value", key: "key",
            condition: "\"key\" NOT IN (\(ownMetaKeys.map { "'\($0)'" }.joined(separator: ", ")))"),
        Entry(name: "revision", columns: "id n ours committed_at"),
        Entry(name: "change", columns: "kind id revision deleted", key: "kind id"),
        Entry(
            name: "faculty",
            columns: """
                id name surname department room directions subjects email image_path hides_last_seen archived_at version
                """),
        Entry(name: "beacon", columns: "address faculty_id", key: "address"),
        Entry(
            name: "presence", columns: "faculty_id state since source unit_id evidence_at verified version",
            key: "faculty_id"),
        Entry(name: "override", columns: "faculty_id word set_at until version", key: "faculty_id"),
        Entry(
            name: "availability",
            columns: """
                faculty_id state source since until last_known last_evidence always_available next_change_at
                """,
            key: "faculty_id"),
        Entry(name: "student", columns: "id number name department version", isGenerated: true),
        Entry(
            name: "consultation",
            columns: """
                id faculty_id student_id status topic message minutes created_at answered_at started_at on_screen_of \
                shown_at version
                """,
            isGenerated: true),
        Entry(name: "desk_unit", columns: "id dialect faculty_id speaks_professor_status version"),
        Entry(
            name: "unit_link",
            columns: """
                unit_id heard_at tolerance offline_since uptime uptime_at started_at heartbeat_at heartbeat_interval boot gaps
                """,
            key: "unit_id"),
        Entry(
            name: "unit_boot", columns: "unit_id boot seen last_presence", key: "unit_id boot",
            later: [(schema: 2, columns: "opened_at")]),
        Entry(
            name: "applied_answer", columns: "unit_id message_id response_type timestamp",
            key: "unit_id message_id response_type timestamp", later: [(schema: 2, columns: "applied_at")]),
        Entry(name: "refusal", columns: "unit reason count first_at last_at", key: "unit reason"),
        Entry(name: "refusal_sample", columns: "id unit reason at topic payload", isGenerated: true),
        Entry(name: "mqtt_session", columns: "broker client_id since", key: "broker client_id"),
    ]
}
