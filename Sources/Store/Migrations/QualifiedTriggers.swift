// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

import SQL

/// PostgreSQL runs a trigger's function with the search path of whoever writes, and an outsider's may be another.
enum QualifiedTriggers {
    /// Names our tables with their schema in all functions of ours that triggers call. Whoever adds functions runs it again.
    ///
    /// A search path that is tied to the function would do the same, but is set and taken back for each row: half as much
    /// again for a batch of 512.
    static func script(_ dialect: SQLDialect) -> String {
        guard dialect == .postgreSQL else { return "" }
        let tables = CopiedTable.all(schema: .max).map(\.name)
        let listed = tables.map { "'\($0)'" }.joined(separator: ", ")
        return """
            DO $$ DECLARE found oid; BEGIN
            FOR found IN
                SELECT DISTINCT p.oid FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
                JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname = current_schema() AND p.pronamespace = n.oid AND NOT t.tgisinternal
                    AND c.relname IN (\(listed)) AND (p.proname = t.tgname OR p.proname IN (\(shared)))
            LOOP
                EXECUTE regexp_replace(pg_get_functiondef(found),
                    '\\m(FROM|INTO|UPDATE|JOIN)\\s+(\(tables.joined(separator: "|")))\\M',
                    format('\\1 %I.\\2', current_schema()), 'g');
            END LOOP;
            END $$;
            """
    }

    /// Those that are called by triggers of other names.
    private static let shared = "'take_revision_row', 'refuse_truncate', 'announce_revision', 'announce_lineage'"
}
