// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import SQL

extension Schema3 {
    /// What the tables' references do, done by triggers too: a shell of SQLite looks at references only where it is told to,
    /// and would leave rows that refer to nobody.
    static func references(_ dialect: SQLDialect) -> String {
        (removals.map { $0.script(dialect) }
            + [
                keeper("faculty", of: "faculty_id", saying: "this person has consultations", dialect),
                keeper("student", of: "student_id", saying: "this student has consultations", dialect),
            ]).joined(separator: "\n")
    }

    /// PostgreSQL alone: whoever follows the database looks at once where a newer program has upgraded it. SQLite's followers
    /// see any commit.
    static func announcements(_ dialect: SQLDialect) -> String {
        guard dialect == .postgreSQL else { return "" }
        return """
            CREATE TRIGGER schema_announced AFTER UPDATE ON meta FOR EACH ROW WHEN (NEW.key = 'schema')
                EXECUTE FUNCTION announce_lineage();
            """
    }

    private static let removals: [SchemaTrigger] = [
        SchemaTrigger(
            name: "unit_removed", moment: "AFTER DELETE ON desk_unit",
            body: .statements(
                """
                DELETE FROM unit_link WHERE unit_id = OLD.id;
                DELETE FROM unit_boot WHERE unit_id = OLD.id;
                DELETE FROM applied_answer WHERE unit_id = OLD.id;
                """)),
        SchemaTrigger(
            name: "faculty_removed_units", moment: "AFTER DELETE ON faculty",
            body: .statements("UPDATE desk_unit SET faculty_id = NULL WHERE faculty_id = OLD.id;")),
    ]

    /// Keeps a row that consultations refer to: they are history, and nobody's to lose by the way.
    private static func keeper(
        _ table: String, of column: String, saying reason: String, _ dialect: SQLDialect
    ) -> String {
        let name = "\(table)_kept"
        let text = "\(reason): delete those first"
        return switch dialect {
        case .sqlite:
            """
            CREATE TRIGGER \(name) BEFORE DELETE ON \(table) BEGIN
            SELECT RAISE(ABORT, '\(text)') FROM consultation WHERE \(column) = OLD.id LIMIT 1;
            END;
            """
        case .postgreSQL:
            """
            CREATE FUNCTION \(name)() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF EXISTS (SELECT FROM consultation WHERE \(column) = OLD.id) THEN
                RAISE EXCEPTION '\(text)' USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN OLD;
            END $$;
            CREATE TRIGGER \(name) BEFORE DELETE ON \(table) FOR EACH ROW EXECUTE FUNCTION \(name)();
            """
        }
    }
}
