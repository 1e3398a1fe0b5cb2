// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

extension Schema1 {
    /// An input of availability marks the person due; the transaction that did it computes the row before COMMIT.
    static let dueTriggers: [SchemaTrigger] = [
        due(
            "faculty_added_due", "INSERT ON faculty",
            """
            INSERT INTO availability (faculty_id, state, source, next_change_at)
                VALUES (NEW.id, 'unknown', 'unit', 0) ON CONFLICT (faculty_id) DO NOTHING;
            """),
        due("faculty_hides_due", "UPDATE OF hides_last_seen ON faculty", mark("NEW.id")),
        due(
            "faculty_removed_due", "DELETE ON faculty",
            """
            DELETE FROM availability WHERE faculty_id = OLD.id;
            DELETE FROM presence WHERE faculty_id = OLD.id;
            DELETE FROM override WHERE faculty_id = OLD.id;
            DELETE FROM beacon WHERE faculty_id = OLD.id;
            """),
        due("presence_added_due", "INSERT ON presence", mark("NEW.faculty_id")),
        due(
            "presence_changed_due", "UPDATE OF state, since, source, unit_id, verified ON presence",
            mark("NEW.faculty_id")),
        due("presence_removed_due", "DELETE ON presence", mark("OLD.faculty_id")),
        due("override_added_due", "INSERT ON override", mark("NEW.faculty_id")),
        due("override_changed_due", "UPDATE ON override", mark("NEW.faculty_id")),
        due("override_removed_due", "DELETE ON override", mark("OLD.faculty_id")),
        due(
            "consultation_added_due", "INSERT ON consultation", mark("NEW.faculty_id"),
            when: "NEW.status = 'in-progress'"),
        due(
            "consultation_changed_due", "UPDATE OF status, faculty_id, started_at ON consultation",
            "\(mark("NEW.faculty_id"))\n\(mark("OLD.faculty_id"))", when: "'in-progress' IN (OLD.status, NEW.status)"),
        due(
            "consultation_removed_due", "DELETE ON consultation", mark("OLD.faculty_id"),
            when: "OLD.status = 'in-progress'"),
        due(
            "link_added_due", "INSERT ON unit_link",
            mark("SELECT faculty_id FROM presence WHERE unit_id = NEW.unit_id")),
        // A sign of life matters at once only where the person is shown as unknown; elsewhere the stored
        // next_change_at looks at it in time.
        due(
            "link_heard_due", "UPDATE OF heard_at, offline_since, tolerance ON unit_link",
            """
            UPDATE availability SET next_change_at = 0
                WHERE faculty_id IN (SELECT faculty_id FROM presence WHERE unit_id = NEW.unit_id)
                AND (state = 'unknown' OR OLD.offline_since IS DISTINCT FROM NEW.offline_since
                    OR NEW.tolerance < OLD.tolerance);
            """),
        due(
            "link_removed_due", "DELETE ON unit_link",
            mark("SELECT faculty_id FROM presence WHERE unit_id = OLD.unit_id")),
        // What a unit said of its former owner says nothing any more once it stands on another desk.
        due(
            "unit_moved", "UPDATE OF faculty_id ON desk_unit",
            """
            UPDATE presence SET unit_id = NULL, verified = 0, version = version + 1
                WHERE unit_id = NEW.id AND faculty_id IS DISTINCT FROM NEW.faculty_id;
            """, when: "OLD.faculty_id IS DISTINCT FROM NEW.faculty_id"),
        // Everybody has a row of what is shown, whatever is done by hand.
        due(
            "availability_restored", "DELETE ON availability",
            """
            INSERT INTO availability (faculty_id, state, source, next_change_at)
                SELECT id, 'unknown', 'unit', 0 FROM faculty WHERE id = OLD.faculty_id;
            """),
        SchemaTrigger(
            name: "faculty_id_fixed", moment: "BEFORE UPDATE OF id ON faculty", condition: "OLD.id <> NEW.id",
            body: .refusal("a faculty id never changes")),
    ]

    private static func due(
        _ name: String, _ event: String, _ statements: String, when condition: String? = nil
    ) -> SchemaTrigger {
        SchemaTrigger(name: name, moment: "AFTER \(event)", condition: condition, body: .statements(statements))
    }

    private static func mark(_ faculty: String) -> String {
        "UPDATE availability SET next_change_at = 0 WHERE faculty_id IN (\(faculty));"
    }
}
