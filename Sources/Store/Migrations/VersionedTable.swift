// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import SQL

/// A table whose rows have a `version`, kept by triggers for whoever forgets it: it rises by one with each UPDATE that
/// changes what is edited and leaves the version as it was, and it never goes back. Who writes it, as our own
/// transactions do, is left alone.
struct VersionedTable: Sendable {
    let name: String
    /// The primary key.
    let key: [String]
    /// What is edited under the version.
    let columns: [String]

    func script(_ dialect: SQLDialect) -> String {
        [kept.script(dialect), raised(dialect)].joined(separator: "\n")
    }

    private var kept: SchemaTrigger {
        SchemaTrigger(
            name: "\(name)_version_kept", moment: "BEFORE UPDATE OF version ON \(name)",
            condition: "NEW.version < OLD.version",
            body: .refusal("a version never goes back: leave it out of the UPDATE, and it rises by itself"))
    }

    /// SQLite can't give the row at hand another value, so it writes it once more. That fires what watches the version,
    /// and this trigger no second time: the version differs by then.
    private func raised(_ dialect: SQLDialect) -> String {
        let trigger = "\(name)_version_raised"
        let differs = columns.map { "OLD.\($0) IS DISTINCT FROM NEW.\($0)" }.joined(separator: " OR ")
        let same = key.map { "\($0) = NEW.\($0)" }.joined(separator: " AND ")
        let condition = "WHEN (NEW.version = OLD.version AND (\(differs)))"
        return switch dialect {
        case .sqlite:
            """
            CREATE TRIGGER \(trigger) AFTER UPDATE ON \(name) \(condition) BEGIN
            UPDATE \(name) SET version = OLD.version + 1 WHERE \(same);
            END;
            """
        case .postgreSQL:
            """
            CREATE FUNCTION \(trigger)() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            NEW.version := OLD.version + 1;
            RETURN NEW;
            END $$;
            CREATE TRIGGER \(trigger) BEFORE UPDATE ON \(name) FOR EACH ROW \(condition) EXECUTE FUNCTION \(trigger)();
            """
        }
    }
}
