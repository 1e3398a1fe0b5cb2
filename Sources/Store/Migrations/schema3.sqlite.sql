-- Schema 3 on SQLite. This script has landed, so it never changes: FrozenSchemaTests holds its checksum.
CREATE TRIGGER faculty_version_kept BEFORE UPDATE OF version ON faculty WHEN (NEW.version < OLD.version) BEGIN
SELECT RAISE(ABORT, 'a version never goes back: leave it out of the UPDATE, and it rises by itself');
END;
CREATE TRIGGER faculty_version_raised AFTER UPDATE ON faculty WHEN (NEW.version = OLD.version AND (OLD.id IS DISTINCT FROM NEW.id OR OLD.name IS DISTINCT FROM NEW.name OR OLD.surname IS DISTINCT FROM NEW.surname OR OLD.department IS DISTINCT FROM NEW.department OR OLD.room IS DISTINCT FROM NEW.room OR OLD.directions IS DISTINCT FROM NEW.directions OR OLD.subjects IS DISTINCT FROM NEW.subjects OR OLD.email IS DISTINCT FROM NEW.email OR OLD.image_path IS DISTINCT FROM NEW.image_path OR OLD.hides_last_seen IS DISTINCT FROM NEW.hides_last_seen OR OLD.archived_at IS DISTINCT FROM NEW.archived_at)) BEGIN
UPDATE faculty SET version = OLD.version + 1 WHERE id = NEW.id;
END;
CREATE TRIGGER presence_version_kept BEFORE UPDATE OF version ON presence WHEN (NEW.version < OLD.version) BEGIN
SELECT RAISE(ABORT, 'a version never goes back: leave it out of the UPDATE, and it rises by itself');
END;
CREATE TRIGGER presence_version_raised AFTER UPDATE ON presence WHEN (NEW.version = OLD.version AND (OLD.faculty_id IS DISTINCT FROM NEW.faculty_id OR OLD.state IS DISTINCT FROM NEW.state OR OLD.since IS DISTINCT FROM NEW.since OR OLD.source IS DISTINCT FROM NEW.source OR OLD.unit_id IS DISTINCT FROM NEW.unit_id OR OLD.evidence_at IS DISTINCT FROM NEW.evidence_at OR OLD.verified IS DISTINCT FROM NEW.verified)) BEGIN
UPDATE presence SET version = OLD.version + 1 WHERE faculty_id = NEW.faculty_id;
END;
CREATE TRIGGER override_version_kept BEFORE UPDATE OF version ON override WHEN (NEW.version < OLD.version) BEGIN
SELECT RAISE(ABORT, 'a version never goes back: leave it out of the UPDATE, and it rises by itself');
END;
CREATE TRIGGER override_version_raised AFTER UPDATE ON override WHEN (NEW.version = OLD.version AND (OLD.faculty_id IS DISTINCT FROM NEW.faculty_id OR OLD.word IS DISTINCT FROM NEW.word OR OLD.set_at IS DISTINCT FROM NEW.set_at OR OLD.until IS DISTINCT FROM NEW.until)) BEGIN
UPDATE override SET version = OLD.version + 1 WHERE faculty_id = NEW.faculty_id;
END;
CREATE TRIGGER student_version_kept BEFORE UPDATE OF version ON student WHEN (NEW.version < OLD.version) BEGIN
SELECT RAISE(ABORT, 'a version never goes back: leave it out of the UPDATE, and it rises by itself');
END;
CREATE TRIGGER student_version_raised AFTER UPDATE ON student WHEN (NEW.version = OLD.version AND (OLD.id IS DISTINCT FROM NEW.id OR OLD.number IS DISTINCT FROM NEW.number OR OLD.name IS DISTINCT FROM NEW.name OR OLD.department IS DISTINCT FROM NEW.department)) BEGIN
UPDATE student SET version = OLD.version + 1 WHERE id = NEW.id;
END;
CREATE TRIGGER consultation_version_kept BEFORE UPDATE OF version ON consultation WHEN (NEW.version < OLD.version) BEGIN
SELECT RAISE(ABORT, 'a version never goes back: leave it out of the UPDATE, and it rises by itself');
END;
CREATE TRIGGER consultation_version_raised AFTER UPDATE ON consultation WHEN (NEW.version = OLD.version AND (OLD.id IS DISTINCT FROM NEW.id OR OLD.faculty_id IS DISTINCT FROM NEW.faculty_id OR OLD.student_id IS DISTINCT FROM NEW.student_id OR OLD.status IS DISTINCT FROM NEW.status OR OLD.topic IS DISTINCT FROM NEW.topic OR OLD.message IS DISTINCT FROM NEW.message OR OLD.minutes IS DISTINCT FROM NEW.minutes OR OLD.created_at IS DISTINCT FROM NEW.created_at OR OLD.answered_at IS DISTINCT FROM NEW.answered_at OR OLD.started_at IS DISTINCT FROM NEW.started_at)) BEGIN
UPDATE consultation SET version = OLD.version + 1 WHERE id = NEW.id;
END;
CREATE TRIGGER desk_unit_version_kept BEFORE UPDATE OF version ON desk_unit WHEN (NEW.version < OLD.version) BEGIN
SELECT RAISE(ABORT, 'a version never goes back: leave it out of the UPDATE, and it rises by itself');
END;
CREATE TRIGGER desk_unit_version_raised AFTER UPDATE ON desk_unit WHEN (NEW.version = OLD.version AND (OLD.id IS DISTINCT FROM NEW.id OR OLD.dialect IS DISTINCT FROM NEW.dialect OR OLD.faculty_id IS DISTINCT FROM NEW.faculty_id OR OLD.speaks_professor_status IS DISTINCT FROM NEW.speaks_professor_status)) BEGIN
UPDATE desk_unit SET version = OLD.version + 1 WHERE id = NEW.id;
END;
CREATE TRIGGER beacon_added_version AFTER INSERT ON beacon BEGIN
UPDATE faculty SET version = version + 1
    WHERE id IN (NEW.faculty_id) AND (SELECT ours FROM revision) = 0;
END;
CREATE TRIGGER beacon_changed_version AFTER UPDATE ON beacon WHEN (OLD.address <> NEW.address OR OLD.faculty_id <> NEW.faculty_id) BEGIN
UPDATE faculty SET version = version + 1
    WHERE id IN (OLD.faculty_id, NEW.faculty_id) AND (SELECT ours FROM revision) = 0;
END;
CREATE TRIGGER beacon_removed_version AFTER DELETE ON beacon BEGIN
UPDATE faculty SET version = version + 1
    WHERE id IN (OLD.faculty_id) AND (SELECT ours FROM revision) = 0;
END;
DROP TRIGGER faculty_changed;
CREATE TRIGGER faculty_changed AFTER UPDATE ON faculty WHEN (OLD.version <> NEW.version) BEGIN
UPDATE revision SET n = n + 1, ours = CASE ours WHEN 1 THEN 2 ELSE 0 END WHERE ours <> 2;
INSERT INTO change (kind, id, revision, deleted)
    SELECT 'card', NEW.id, n, 0 FROM revision WHERE true
    ON CONFLICT (kind, id) DO UPDATE SET revision = excluded.revision, deleted = excluded.deleted;
END;
CREATE TRIGGER unit_removed AFTER DELETE ON desk_unit BEGIN
DELETE FROM unit_link WHERE unit_id = OLD.id;
DELETE FROM unit_boot WHERE unit_id = OLD.id;
DELETE FROM applied_answer WHERE unit_id = OLD.id;
END;
CREATE TRIGGER faculty_removed_units AFTER DELETE ON faculty BEGIN
UPDATE desk_unit SET faculty_id = NULL WHERE faculty_id = OLD.id;
END;
CREATE TRIGGER faculty_kept BEFORE DELETE ON faculty BEGIN
SELECT RAISE(ABORT, 'this person has consultations: delete those first') FROM consultation WHERE faculty_id = OLD.id LIMIT 1;
END;
CREATE TRIGGER student_kept BEFORE DELETE ON student BEGIN
SELECT RAISE(ABORT, 'this student has consultations: delete those first') FROM consultation WHERE student_id = OLD.id LIMIT 1;
END;


