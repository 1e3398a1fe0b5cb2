-- Schema 2 on SQLite. This script has landed, so it never changes: FrozenSchemaTests holds its checksum.
ALTER TABLE unit_boot ADD COLUMN opened_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE applied_answer ADD COLUMN applied_at INTEGER NOT NULL DEFAULT 0;
