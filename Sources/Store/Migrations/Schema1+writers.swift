// SPDX-License-Identifier: MIT
// ConsultEase: see LICENSE.

extension Schema1 {
    /// What our own transactions write, and outsiders may.
    private static let writtenTables = [
        "faculty", "beacon", "presence", "override", "availability", "student", "consultation", "desk_unit",
        "unit_link", "unit_boot", "applied_answer", "refusal", "refusal_sample", "mqtt_session",
    ]

    /// PostgreSQL alone: whoever writes takes the revision row before any other, so that commits become visible in the order
    /// of their revisions, and a batch and a one-row edit in the opposite order can't wait for each other in a circle. A
    /// revision is announced with the commit that brings it, and so is another lineage. TRUNCATE fires no row trigger, so it is refused.
    static let writerOrder: String = """
        CREATE FUNCTION take_revision_row() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        PERFORM 1 FROM revision WHERE id = 1 FOR UPDATE;
        RETURN NULL;
        END $$;
        CREATE FUNCTION refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        RAISE EXCEPTION 'TRUNCATE would tell no screen: use DELETE FROM %', TG_TABLE_NAME;
        END $$;
        CREATE FUNCTION announce_revision() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        PERFORM pg_notify('consultease', NEW.n::text);
        RETURN NULL;
        END $$;
        CREATE TRIGGER revision_announced AFTER UPDATE ON revision FOR EACH ROW WHEN (OLD.n <> NEW.n)
            EXECUTE FUNCTION announce_revision();
        CREATE FUNCTION announce_lineage() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        PERFORM pg_notify('consultease', '0');
        RETURN NULL;
        END $$;
        CREATE TRIGGER lineage_announced AFTER UPDATE ON meta FOR EACH ROW WHEN (NEW.key = 'lineage')
            EXECUTE FUNCTION announce_lineage();
        \(writtenTables.map { table in
            """
            CREATE TRIGGER \(table)_in_order BEFORE INSERT OR UPDATE OR DELETE ON \(table) FOR EACH STATEMENT
                EXECUTE FUNCTION take_revision_row();
            CREATE TRIGGER \(table)_not_truncated BEFORE TRUNCATE ON \(table) FOR EACH STATEMENT
                EXECUTE FUNCTION refuse_truncate();
            """
        }.joined(separator: "\n"))
        """
}
