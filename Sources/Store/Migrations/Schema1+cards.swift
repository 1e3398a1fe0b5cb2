// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

extension Schema1 {
    /// A card is touched by the profile, by what is shown, and by who waits. An UPDATE counts only where a value differs.
    static let cardTriggers: [SchemaTrigger] = [
        card("faculty_added", "INSERT ON faculty", of: "NEW.id"),
        card(
            "faculty_changed", "UPDATE ON faculty", of: "NEW.id",
            when: differs(
                "name", "surname", "department", "room", "directions", "subjects", "image_path", "hides_last_seen",
                "archived_at", "version")),
        card("faculty_removed", "DELETE ON faculty", of: "OLD.id", deleted: true),
        card("availability_added", "INSERT ON availability", of: "NEW.faculty_id"),
        card(
            "availability_changed", "UPDATE ON availability", of: "NEW.faculty_id",
            when: differs("state", "source", "since", "until", "last_known", "last_evidence", "always_available")),
        card("waiting_added", "INSERT ON consultation", of: "NEW.faculty_id", when: waits("NEW")),
        card("waiting_removed", "DELETE ON consultation", of: "OLD.faculty_id", when: waits("OLD")),
        card(
            "waiting_changed", "UPDATE ON consultation", of: "NEW.faculty_id",
            when: "\(waits("OLD")) <> \(waits("NEW")) OR OLD.faculty_id <> NEW.faculty_id"),
        card(
            "waiting_moved", "UPDATE OF faculty_id ON consultation", of: "OLD.faculty_id",
            when: "OLD.faculty_id <> NEW.faculty_id"),
    ]

    /// Gives the transaction its revision and notes which card it touched.
    private static func card(
        _ name: String, _ event: String, of faculty: String, when condition: String? = nil, deleted: Bool = false
    ) -> SchemaTrigger {
        SchemaTrigger(
            name: name, moment: "AFTER \(event)", condition: condition,
            body: .statements(
                """
                UPDATE revision SET n = n + 1, ours = CASE ours WHEN 1 THEN 2 ELSE 0 END WHERE ours <> 2;
                INSERT INTO change (kind, id, revision, deleted)
                    SELECT 'card', \(faculty), n, \(deleted ? 1 : 0) FROM revision WHERE true
                    ON CONFLICT (kind, id) DO UPDATE SET revision = excluded.revision, deleted = excluded.deleted;
                """))
    }

    private static func differs(_ columns: String...) -> String {
        columns.map { "OLD.\($0) IS DISTINCT FROM NEW.\($0)" }.joined(separator: " OR ")
    }

    private static func waits(_ row: String) -> String { "(\(row).status IN ('pending', 'busy'))" }
}
