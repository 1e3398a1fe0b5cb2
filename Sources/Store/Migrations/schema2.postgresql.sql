-- Schema 2 on PostgreSQL. This script has landed, so it never changes: FrozenSchemaTests holds its checksum.
ALTER TABLE unit_boot ADD COLUMN opened_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE applied_answer ADD COLUMN applied_at BIGINT NOT NULL DEFAULT 0;
