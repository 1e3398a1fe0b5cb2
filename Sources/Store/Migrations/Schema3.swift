// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import SQL

/// The third schema: a version rises whoever edits, so that an edit at a SQL prompt is a conflict like any other. And what an
/// outsider's session doesn't do by itself: it looks at references, and finds our tables.
enum Schema3 {
    static func script(_ dialect: SQLDialect) -> String {
        (versionedTables.map { $0.script(dialect) } + beaconTriggers.map { $0.script(dialect) }
            + [card(dialect), references(dialect), announcements(dialect), QualifiedTriggers.script(dialect)])
            .joined(separator: "\n")
    }

    /// What a server notes of a unit's screen is no edit of the request.
    private static let notes: Set<String> = ["on_screen_of", "shown_at"]

    private static var versionedTables: [VersionedTable] {
        CopiedTable.all(schema: 3).filter { $0.columns.contains("version") }.map { table in
            VersionedTable(
                name: table.name, key: table.key,
                columns: table.columns.filter { $0 != "version" && !notes.contains($0) })
        }
    }

    /// A beacon is edited under the version of its owner's profile. Our own transactions raise that themselves.
    private static let beaconTriggers: [SchemaTrigger] = [
        beacon("beacon_added_version", "INSERT ON beacon", of: "NEW.faculty_id"),
        beacon(
            "beacon_changed_version", "UPDATE ON beacon", of: "OLD.faculty_id, NEW.faculty_id",
            when: "OLD.address <> NEW.address OR OLD.faculty_id <> NEW.faculty_id"),
        beacon("beacon_removed_version", "DELETE ON beacon", of: "OLD.faculty_id"),
    ]

    private static func beacon(
        _ name: String, _ event: String, of owners: String, when condition: String? = nil
    ) -> SchemaTrigger {
        SchemaTrigger(
            name: name, moment: "AFTER \(event)", condition: condition,
            body: .statements(
                """
                UPDATE faculty SET version = version + 1
                    WHERE id IN (\(owners)) AND (SELECT ours FROM revision) = 0;
                """))
    }

    /// No profile changes without its version any more, so the version alone tells that a card was touched: once a row,
    /// though SQLite writes an outsider's row twice.
    private static func card(_ dialect: SQLDialect) -> String {
        Schema1.cardTriggers.filter { $0.name == "faculty_changed" }.map { trigger in
            var trigger = trigger
            trigger.condition = "OLD.version <> NEW.version"
            return [trigger.removal(from: "faculty", dialect), trigger.script(dialect)].joined(separator: "\n")
        }.joined(separator: "\n")
    }
}
