// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import SQL

/// A row trigger, said in each engine's way. Built-in SQL only: it fires in any program that writes to the file.
struct SchemaTrigger: Sendable {
    let name: String
    /// As in `AFTER UPDATE OF state ON presence`.
    let moment: String
    /// An expression over OLD and NEW, without subqueries.
    var condition: String?
    let body: Body

    enum Body: Sendable {
        /// Statements, each with its semicolon.
        case statements(String)
        /// Refuses the change.
        case refusal(String)
    }

    func script(_ dialect: SQLDialect) -> String {
        let when = condition.map { " WHEN (\($0))" } ?? ""
        switch dialect {
        case .sqlite:
            let statements =
                switch body {
                case .statements(let text): text
                case .refusal(let reason): "SELECT RAISE(ABORT, '\(reason)');"
                }
            return "CREATE TRIGGER \(name) \(moment)\(when) BEGIN\n\(statements)\nEND;"
        case .postgreSQL:
            let statements =
                switch body {
                case .statements(let text): text
                case .refusal(let reason):
                    "RAISE EXCEPTION '\(reason)' USING ERRCODE = 'integrity_constraint_violation';"
                }
            return """
                CREATE FUNCTION \(name)() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                \(statements)
                RETURN NULL;
                END $$;
                CREATE TRIGGER \(name) \(moment) FOR EACH ROW\(when) EXECUTE FUNCTION \(name)();
                """
        }
    }

    /// Takes it away again, for a later schema's.
    func removal(from table: String, _ dialect: SQLDialect) -> String {
        switch dialect {
        case .sqlite: "DROP TRIGGER \(name);"
        case .postgreSQL: "DROP TRIGGER \(name) ON \(table); DROP FUNCTION \(name)();"
        }
    }
}
